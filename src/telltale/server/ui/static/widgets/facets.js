/* What the listed traces have in common: values with counts. A click adds one to the filter, or takes
   it away again. Beside the list where there is room, else in a drawer. */

import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { groupsOf } from "../core/facets.js";
import { exact } from "../core/format.js";
import { termOf, toggled } from "../core/terms.js";
import { count, counting, facets, uncounted } from "../data/facets.js";
import { facetsShown, flipFacets, known, language, t } from "../data/settings.js";
import { applied, listed } from "../data/traces.js";
import { applyFilter } from "./filter-line.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { useMedia } from "./virtual.js";

/** Above this there is room beside the list. */
const BESIDE = "(min-width: 1200px)";
/** Values of a group that are shown at first. */
const FEW = 6;

const drawerOpen = signal(false);

/** Answers {isBeside, isShown, flip}. */
export function useFacets() {
  const isBeside = useMedia(BESIDE);
  useEffect(() => () => (drawerOpen.value = false), [isBeside]);
  const isShown = isBeside ? facetsShown.value : drawerOpen.value;
  return { isBeside, isShown, flip: isBeside ? flipFacets : () => (drawerOpen.value = !drawerOpen.value) };
}

export function FacetsButton({ isShown, flip }) {
  return html`<button type="button" class="icon-button facets-button" aria-expanded=${isShown} onClick=${flip}
    aria-label=${t("facets.title")} title="${t("facets.title")} (f)"><${Icon} name="facets" /></button>`;
}

export function Facets({ isBeside, isShown, flip }) {
  if (!isShown) return null;
  return isBeside ? html`<aside class="facets" aria-label=${t("facets.title")}><${Groups} /></aside>` : html`<${Drawer} onClose=${flip} />`;
}

function Drawer({ onClose }) {
  const dialog = useRef(null);
  useLayoutEffect(() => dialog.current.showModal(), []);
  // A click on the backdrop is a click on the dialog itself, not on what is in it.
  const outside = (event) => event.target === dialog.current && dialog.current.close();
  return html`<dialog ref=${dialog} class="drawer" aria-label=${t("facets.title")} onClose=${onClose} onClick=${outside}>
    <div class="facets">
      <div class="drawer-head"><h2>${t("facets.title")}</h2>
        <button type="button" class="icon-button" onClick=${() => dialog.current.close()} aria-label=${t("facets.close")}><${Icon} name="close" /></button>
      </div>
      <${Groups} />
    </div>
  </dialog>`;
}

function Groups() {
  const scope = listed.value;
  const [attempt, setAttempt] = useState(0);
  useEffect(() => (scope === null ? undefined : count(scope)), [scope?.experiment, scope?.filter, attempt]);
  const { fields = {}, traces = 0, is_all = true } = facets.value ?? {};
  const groups = groupsOf(fields, applied.value);
  return html`<div class="facet-groups ${counting.value ? "outdated" : ""}" aria-busy=${counting.value}>
    ${uncounted.value && html`<div class="facets-said" role="alert">${t("facets.failed")}
      <button type="button" class="button" onClick=${() => setAttempt(attempt + 1)}>${t("problem.retry")}</button></div>`}
    ${!is_all && html`<p class="facets-said">${t("facets.newest", { n: exact(traces, language.value) })}</p>`}
    ${groups.map((group) => html`<${Group} key=${group.field} ...${group} all=${traces} isBound=${!is_all} />`)}
  </div>`;
}

function Group({ field, values, all, isBound }) {
  const [isWhole, setWhole] = useState(false);
  const hidden = Math.max(0, values.length - FEW);
  return html`<section class="facet-group">
    <h2>${field.startsWith("tag.") ? t("facet.tag", { key: field.slice(4) }) : t(`facet.${field}`)}</h2>
    <ul>${values.slice(0, isWhole ? undefined : FEW).map((one) => html`<${Value} key=${one.value} field=${field} ...${one} all=${all} isBound=${isBound} />`)}</ul>
    ${hidden > 0 && html`<button type="button" class="facet-more" aria-expanded=${isWhole} onClick=${() => setWhole(!isWhole)}>
      ${isWhole ? t("text.less") : t("json.more", { n: hidden })}</button>`}
  </section>`;
}

function Value({ field, value, traces, chosen, all, isBound }) {
  const term = termOf(field, value);
  const said = (field === "status" && known(`status.${value}`)) || value;
  const choose = (isNot) => applyFilter(toggled(applied.value, field, value, isNot));
  const share = traces === null || all === 0 ? 0 : (100 * traces) / all;
  return html`<li class="facet ${chosen ?? ""}" style=${{ "--share": `${share.toFixed(1)}%` }}>
    <button type="button" class="facet-value" aria-pressed=${chosen === "in"} title="${term}\n${t("facets.alt")}" onClick=${(event) => choose(event.altKey)}>
      <span class="facet-text">${said}</span>
      ${traces !== null && html`<span class="number">${exact(traces, language.value)}${isBound && "+"}</span>`}
    </button>
    <button type="button" class="facet-not" aria-pressed=${chosen === "out"} aria-label=${t("facets.exclude", { value: said })}
      title=${`-${term}`} onClick=${() => choose(true)}><${Icon} name="minus" /></button>
  </li>`;
}
