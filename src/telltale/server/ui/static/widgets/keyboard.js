/* Keys pressed anywhere on a page become deeds, unless they belong to a field or a dialog. */

import { useEffect } from "preact/hooks";
import { deedOf } from "../core/keys.js";
import { sheetOpen } from "./keys-sheet.js";

// Enter and arrows on a button, a tab or a summary mean what they mean there.
const OWN_KEYS = "input, textarea, select, dialog, [contenteditable]";
const OWN_ENTER = "a, button, summary";
const OWN_ARROWS = "[role=tab], [role=separator]";

/** `deeds` maps a deed's name to a function. */
export function useKeys(page, deeds) {
  useEffect(() => {
    const press = (event) => {
      const target = event.target instanceof Element ? event.target : document.body;
      if (event.defaultPrevented || target.closest(OWN_KEYS)) return;
      if (event.key === "Enter" && target.closest(OWN_ENTER)) return;
      if (event.key.startsWith("Arrow") && target.closest(OWN_ARROWS)) return;
      const deed = deedOf(page, event);
      if (deed === null) return;
      const act = deed === "help" ? () => (sheetOpen.value = true) : deeds[deed];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
}
