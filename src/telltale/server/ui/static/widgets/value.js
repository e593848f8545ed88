/* One recorded value, an input or an output: as a tree where it is JSON, else as text. */

import { asStructure } from "../core/conversation.js";
import { Clipped } from "./clipped.js";
import { CopyButton } from "./copy.js";
import { html } from "./html.js";
import { Json } from "./json.js";

export function Value({ title, text }) {
  const structure = asStructure(text);
  return html`<section class="value">
    <div class="value-head"><h3>${title}</h3><${CopyButton} text=${text} /></div>
    ${structure === undefined ? html`<${Clipped} text=${unquoted(text)} />` : html`<${Json} value=${structure} />`}
  </section>`;
}

// A lone JSON string reads better without its quotes and escapes.
function unquoted(text) {
  if (!/^\s*"/.test(text)) return text;
  try {
    const value = JSON.parse(text);
    return typeof value === "string" ? value : text;
  } catch {
    return text;
  }
}
