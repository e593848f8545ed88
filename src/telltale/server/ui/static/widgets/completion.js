/* The list under the filter's field of what may be written next. Focus stays in the field, and
   nothing is chosen until the reader chooses it: Enter then applies the filter as before. */

import { useEffect, useState } from "preact/hooks";
import { put } from "../core/complete.js";
import { exact } from "../core/format.js";
import { offer, seek, withdraw } from "../data/completion.js";
import { place } from "../data/place.js";
import { known, language, t } from "../data/settings.js";
import { html } from "./html.js";

const LIST = "filter-choices";
const HINT = "filter-hint";
const MOVES = { ArrowDown: 1, ArrowUp: -1 };
/** They move the cursor to where something else may be written. */
const AWAY = new Set(["ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown"]);

/** Answers {attributes, press, open, close, popup}: `attributes` are the field's, `press(event)` says
    whether a key was for the list.

    `input` is a ref to the field; `onWrite(text)` is told what stands there after a choice. */
export function useCompletion(input, onWrite) {
  // By its text, not its place: an answer may come after the key that chose, and change the list.
  const [chosen, setChosen] = useState(null);
  useEffect(() => withdraw, []);
  const { proposals = [], hint = "" } = offer.value ?? {};
  const active = proposals.findIndex((one) => one.text === chosen);

  const open = (how) => {
    const { value, selectionStart } = input.current;
    setChosen(null);
    seek(value.slice(0, selectionStart), place.value.experiment, how);
  };
  const choose = (index) => {
    const field = input.current;
    const written = put(field.value, field.selectionStart, offer.value.start, proposals[index].text);
    withdraw();
    field.value = written.text;
    field.setSelectionRange(written.cursor, written.cursor);
    onWrite(written.text);
    // A field alone is no filter yet.
    if (/[:.]$/.test(proposals[index].text)) open({ atOnce: true });
  };
  const move = (by) => {
    const next = active + by;
    setChosen((next < -1 ? proposals.at(-1) : proposals[next])?.text ?? null);
  };
  const press = ({ key, shiftKey, altKey, ctrlKey, metaKey }) => {
    if (ctrlKey || metaKey) return false;
    const isOpen = offer.value !== null;
    if (key in MOVES && isOpen && !altKey) {
      move(MOVES[key]);
      return true;
    }
    if (key === "ArrowDown" && !isOpen) {
      open({ atOnce: true });
      return true;
    }
    const isCompleting = key === "Tab" && !shiftKey && offer.value?.isBegun;
    if (proposals.length > 0 && (active >= 0 ? key === "Enter" || (key === "Tab" && !shiftKey) : isCompleting)) {
      choose(Math.max(0, active));
      return true;
    }
    if (key === "Escape" || key === "Enter" || key === "Tab" || AWAY.has(key) || key in MOVES) withdraw();
    return isOpen && (key === "Escape" || key in MOVES);
  };
  const attributes = {
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": proposals.length > 0,
    "aria-controls": proposals.length > 0 ? LIST : undefined,
    "aria-activedescendant": active >= 0 ? choiceId(active) : undefined,
    "aria-describedby": hint ? HINT : undefined,
  };
  const popup = offer.value !== null && html`<${Popup} ...${offer.value} active=${active} onChoose=${choose} />`;
  return { attributes, press, open, close: withdraw, popup };
}

function Popup({ proposals, hint, field, active, onChoose }) {
  useEffect(() => {
    document.getElementById(choiceId(active))?.scrollIntoView({ block: "nearest" });
  }, [active]);
  // The field would lose the focus before the click came.
  const hold = (event) => event.preventDefault();
  return html`<div class="choices" onMouseDown=${hold}>
    ${proposals.length > 0 && html`<ul role="listbox" id=${LIST} aria-label=${t("filter.choices")}>
      ${proposals.map((one, i) => html`<li key=${one.text} role="option" id=${choiceId(i)} class="choice ${i === active ? "active" : ""}"
          aria-selected=${i === active} onClick=${() => onChoose(i)}>
        <span class="choice-text" title=${one.text}>${one.text}</span>
        <span class="choice-meaning">${meaningOf(one, field)}</span>
        ${one.traces !== undefined && html`<span class="number quiet">${exact(one.traces, language.value)}</span>`}
      </li>`)}
    </ul>`}
    ${hint && html`<div class="choices-hint" id=${HINT} role="status">${t("filter.expected", { what: t(`written.${hint}`) })}</div>`}
  </div>`;
}

function choiceId(index) {
  return `filter-choice-${index}`;
}

function meaningOf({ text, meaning }, field) {
  if (meaning) return known(`field.${text.replace(/[.:]$/, "")}`) ?? meaning;
  return field === "kind" ? known(`kind.${text}`) : null;
}
