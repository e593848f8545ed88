/* Text that may be long: the first forty lines, and a button for the rest. */

import { useState } from "preact/hooks";
import { clip } from "../core/clip.js";
import { size } from "../core/format.js";
import { t } from "../data/settings.js";
import { html } from "./html.js";
import { Markdown } from "./markdown.js";

export function Clipped({ text, mono = false }) {
  const [whole, setWhole] = useState(false);
  const cut = clip(text);
  const shown = whole ? text : cut.text;
  return html`
    ${mono ? html`<pre class="mono">${shown}</pre>` : html`<${Markdown} text=${shown} />`}
    ${cut.clipped && html`<button type="button" class="clip-button" aria-expanded=${whole} onClick=${() => setWhole(!whole)}>
      ${whole ? t("text.less") : t("text.all", { size: size(text.length) })}</button>`}`;
}
