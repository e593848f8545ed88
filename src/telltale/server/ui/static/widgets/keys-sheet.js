/* The sheet of keys of the page one is on. */

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { KEYS } from "../core/keys.js";
import { t } from "../data/settings.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

export const sheetOpen = signal(false);

const CAPS = {
  ArrowDown: "↓", ArrowUp: "↑", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc", Enter: "↵",
  "Shift+ArrowLeft": "⇧ ←", "Shift+ArrowRight": "⇧ →",
};

export function KeysSheet({ page }) {
  const dialog = useRef(null);
  useEffect(() => {
    if (sheetOpen.value) dialog.current?.showModal();
  }, [sheetOpen.value]);
  if (!sheetOpen.value) return null;
  const close = () => (sheetOpen.value = false);
  const pressed = (event) => {
    event.stopPropagation();
    if (event.key === "?") close();
  };
  // A click on the backdrop is a click on the dialog itself, not on what is in it.
  const outside = (event) => event.target === dialog.current && close();
  return html`<dialog ref=${dialog} class="keys" aria-labelledby="keys-title"
      onClose=${close} onKeyDown=${pressed} onClick=${outside}>
    <div class="keys-paper">
      <div class="keys-head">
        <h2 id="keys-title">${t("keys.title")}</h2>
        <button type="button" class="icon-button" onClick=${close} aria-label=${t("keys.close")}><${Icon} name="close" /></button>
      </div>
      <dl class="keys-table">
        ${(KEYS[page] ?? []).map(({ deed, keys }) => html`<div key=${deed}>
          <dt>${keys.map((key) => html`<kbd>${CAPS[key] ?? key}</kbd>`)}</dt>
          <dd>${t(`keys.${deed}`)}</dd>
        </div>`)}
      </dl>
    </div>
  </dialog>`;
}
