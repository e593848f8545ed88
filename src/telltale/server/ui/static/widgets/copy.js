/* A button that copies, and says whether it could. */

import { useEffect, useState } from "preact/hooks";
import { t } from "../data/settings.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

const SAID_MS = 1_600;

/** Copy to the clipboard; false where the browser refuses. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyOldWay(text);
  }
}

// The clipboard API needs HTTPS or localhost; a server in the next room has neither.
function copyOldWay(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "off-screen";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}

export function CopyButton({ text, label, words = false }) {
  const [said, setSaid] = useState(null);
  useEffect(() => {
    if (said === null) return undefined;
    const timer = setTimeout(() => setSaid(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const name = said === null ? label ?? t("copy") : t(said ? "copy.done" : "copy.failed");
  const press = async (event) => {
    event.stopPropagation();
    setSaid(await copyText(typeof text === "function" ? text() : text));
  };
  return html`<button type="button" class=${words ? "button" : "icon-button"} onClick=${press}
      aria-label=${words ? undefined : name} title=${name}>
    <${Icon} name=${said ? "check" : "copy"} />${words && name}
    <span class="off-screen" role="status">${said === null ? "" : name}</span>
  </button>`;
}
