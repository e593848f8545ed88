/* The line that says which traces are listed, and what is wrong with it where it is no filter.

   The address holds what is applied; what is typed counts from Enter on. */

import { useEffect, useState } from "preact/hooks";
import { complaint, excerpt, replaceWord } from "../core/filter.js";
import { listAddress } from "../core/route.js";
import { go, mount, place } from "../data/place.js";
import { t } from "../data/settings.js";
import { refused, traces } from "../data/traces.js";
import { useCompletion } from "./completion.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

/** List what the filter is true of. A refused one is not worth a step back to. */
export function applyFilter(filter) {
  const applied = place.value.filter;
  if (filter.trim() === applied) return;
  go(listAddress(mount, { ...place.value, filter: filter.trim() }), { instead: refused.value?.filter === applied });
}

/** `input` is a ref to the field; `onLeave` is called when the reader is done with it. */
export function FilterLine({ input, onLeave }) {
  const { filter } = place.value;
  const [draft, setDraft] = useState(filter);
  useEffect(() => setDraft(filter), [filter]);
  const isWrong = refused.value !== null && refused.value.filter === draft.trim();
  const completion = useCompletion(input, setDraft);

  const submit = (event) => {
    event.preventDefault();
    completion.close();
    applyFilter(draft);
  };
  // What was clicked may be gone with it.
  const choose = (text) => {
    setDraft(text);
    applyFilter(text);
    input.current.focus();
  };
  const press = (event) => {
    // Within the choice of Chinese words the keys are for that choice.
    if (event.isComposing) return;
    if (completion.press(event)) {
      event.preventDefault();
    } else if (event.key === "Escape") {
      event.preventDefault();
      setDraft(filter);
      onLeave();
    }
  };
  const write = (event) => {
    setDraft(event.target.value);
    if (!event.isComposing) completion.open();
  };
  const { "aria-describedby": hint, ...combobox } = completion.attributes;
  return html`<form class="filter" role="search" onSubmit=${submit}>
    <div class="filter-box ${isWrong ? "wrong" : ""}">
      <${Icon} name="find" />
      <input ref=${input} class="filter-input" value=${draft} placeholder=${t("filter.example")} aria-label=${t("filter.label")}
        ...${combobox} aria-invalid=${isWrong} aria-describedby=${isWrong ? "filter-refusal" : hint} enterkeyhint="search" maxlength="8000"
        autocomplete="off" autocapitalize="off" spellcheck=${false} onInput=${write} onCompositionEnd=${completion.open} onKeyDown=${press}
        onClick=${() => (draft === "" ? completion.open({ atOnce: true }) : completion.close())} onBlur=${completion.close} />
      ${draft === "" && html`<kbd aria-hidden="true">/</kbd>`}
      ${draft.trim() !== filter && html`<button class="icon-button" aria-label=${t("filter.apply")} title=${t("filter.apply")}><kbd aria-hidden="true">↵</kbd></button>`}
      ${draft !== "" && html`<button type="button" class="icon-button" onClick=${() => choose("")} aria-label=${t("filter.clear")} title=${t("filter.clear")}><${Icon} name="close" /></button>`}
      ${completion.popup}
    </div>
    <div role="alert" id="filter-refusal">${refused.value && html`<${Refusal} ...${refused.value} onChoose=${choose} />`}</div>
  </form>`;
}

function Refusal({ filter, problem, onChoose }) {
  const { position, expected, suggestions } = problem;
  const { before, word, after } = excerpt(filter, position);
  return html`<div class="refusal">
    <p><strong>${t("filter.refused", { at: position + 1 })}</strong>${traces.value.length > 0 && html`<span class="quiet">${t("filter.unchanged")}</span>`}</p>
    <code class="refusal-place">${before}<mark class=${word ? undefined : "gap"}>${word}</mark>${after}</code>
    <p lang="en">${complaint(problem)}</p>
    <p class="quiet">${t("filter.expected", { what: expected })}</p>
    ${suggestions.length > 0 && html`<p class="refusal-words">${t("problem.suggestions")}
      ${suggestions.map((one) => html`<button type="button" class="button" key=${one}
        onClick=${() => onChoose(replaceWord(filter, position, one))}>${one}</button>`)}</p>`}
  </div>`;
}
