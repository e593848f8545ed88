/* The list of traces: one line each, news at the top as it happens. */

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { exact } from "../core/format.js";
import { fullBar } from "../core/axis.js";
import { traceAddress } from "../core/route.js";
import { columnWidths } from "../core/traces.js";
import { facets as counted } from "../data/facets.js";
import { go, mount, place } from "../data/place.js";
import { language, t } from "../data/settings.js";
import {
  chosen, experiments, fresh, leaveList, listed, listState, loadMore, loadingMore, next, opening, openList, scrolledTo, scrollTo,
  showWaiting, stuck, traces, waiting,
} from "../data/traces.js";
import { Facets, FacetsButton, useFacets } from "../widgets/facets.js";
import { applyFilter, FilterLine } from "../widgets/filter-line.js";
import { GridHead, orderName, SortChoice } from "../widgets/grid-head.js";
import { html } from "../widgets/html.js";
import { Icon } from "../widgets/icon.js";
import { useKeys } from "../widgets/keyboard.js";
import { ProblemNotice } from "../widgets/problem.js";
import { TraceRow } from "../widgets/trace-row.js";
import { useMedia, useVirtual } from "../widgets/virtual.js";
import { Waiting } from "./waiting.js";

const ROW_PX = 28;
const HEAD_PX = 30;
const CARD_PX = 88;
const EXTRA_LEAST_PX = 52;
/** Below this the rows are cards. The style sheet has the same figure. */
const CARDS = "(max-width: 899px)";

export function ListView({ experiment, filter, sort, order }) {
  const reopen = () => openList({ experiment, filter, sort, order });
  useEffect(() => {
    reopen();
    return leaveList;
  }, [experiment, filter, sort, order]);
  document.title = `${filter && `${filter} · `}${t("list.title")} – ${t("app.name")}`;

  if (listState.value === "loading") return html`<main class="page" id="content"><p class="quiet" role="status">${t("list.loading")}</p></main>`;
  if (listState.value !== "ready") {
    return html`<main class="page" id="content"><${ProblemNotice} isPage problem=${listState.value} onRetry=${reopen} /></main>`;
  }
  if (traces.value.length === 0 && listed.value?.filter === "" && filter === "") return html`<${Waiting} experiment=${experiment} />`;
  return html`<${TraceGrid} experiment=${experiment} />`;
}

function TraceGrid({ experiment }) {
  const cards = useMedia(CARDS);
  const rowHeight = cards ? CARD_PX : ROW_PX;
  const head = cards ? 0 : HEAD_PX;
  const all = traces.value;
  const { frame, first, last, show } = useVirtual({ count: all.length, rowHeight, above: head, onScroll: scrollTo });
  const line = useRef(null);
  const facets = useFacets();
  const toGrid = () => frame.current.focus({ preventScroll: true });
  useLayoutEffect(toGrid, []);
  useLayoutEffect(() => {
    frame.current.scrollTop = scrolledTo.top;
  }, [listed.value]);
  const wantsMore = last >= all.length && next.value !== null && !opening.value;
  useEffect(() => {
    if (wantsMore) loadMore();
  }, [wantsMore, all.length, next.value]);
  useKeys("list", { ...deeds(show), find: () => toLine(line.current), facets: facets.flip });

  const columns = useMemo(() => columnWidths(all), [all]);
  const scale = fullBar(all.map((trace) => trace.duration_us));
  const active = all.slice(first, last).some((trace) => trace.trace_id === chosen.value) ? `trace-${chosen.value}` : undefined;
  const [news, setNews] = useState(null);
  // Once it is drawn: the last row may have been another one before.
  useLayoutEffect(() => {
    if (news !== null) show(all.findIndex((trace) => trace.trace_id === news));
  }, [news]);
  const toNews = () => {
    const id = showWaiting();
    chosen.value = id;
    setNews(id);
  };
  const isFiltered = listed.value !== null && listed.value.filter !== "";
  const isSearching = isFiltered && wantsMore && !stuck.value;
  const said = listed.value === null ? "" : opening.value ? t("list.loading") : isSearching ? t("list.searching", { n: all.length })
    : countOf(all.length, isFiltered ? countedOf(listed.value) : listedIn(experiment));
  return html`<main class="page list" id="content">
    <div class="list-head">
      <div class="list-title">
        <${FacetsButton} ...${facets} />
        <h1>${t("list.title")}</h1>
        <span class="quiet" role=${isFiltered ? "status" : undefined}>${said}</span>
      </div>
      ${cards && html`<${SortChoice} />`}
      <${FilterLine} input=${line} onLeave=${toGrid} />
    </div>
    <div class="list-body">
    <${Facets} ...${facets} />
    <div class="list-main ${opening.value ? "outdated" : ""}" aria-busy=${opening.value || isSearching}>
      ${waiting.value.length > 0 && html`<button type="button" class="pill" onClick=${toNews}>
        <${Icon} name="up" />${t("list.news", { n: waiting.value.length })}</button>`}
      <div class="grid ${all.length === 0 ? "empty" : ""}" role="grid" tabindex="0" ref=${frame} style=${tracks(columns)} aria-label=${t("list.grid", { order: orderName(place.value) })}
          aria-rowcount=${all.length + 1} aria-activedescendant=${active}>
        <${GridHead} columns=${columns} scale=${scale} />
        <div role="rowgroup" class="grid-rows" style=${{ height: `${all.length * rowHeight}px` }}>
          ${all.slice(first, last).map((trace, i) => html`<${TraceRow} key=${trace.trace_id} trace=${trace} index=${first + i}
            top=${(first + i) * rowHeight} isChosen=${trace.trace_id === chosen.value} isFresh=${fresh.has(trace.trace_id)}
            scale=${scale} columns=${columns} onChoose=${(id) => (chosen.value = id)} />`)}
        </div>
      </div>
      ${all.length === 0 && isFiltered && !next.value && html`<${Nothing} onClear=${toGrid} />`}
      ${next.value && html`<button type="button" class="button more" disabled=${loadingMore.value} onClick=${loadMore}>${t("list.more")}</button>`}
    </div>
    </div>
  </main>`;
}

function toLine(input) {
  input.focus();
  input.select();
}

function Nothing({ onClear }) {
  const clear = () => {
    applyFilter("");
    onClear();
  };
  return html`<div class="nothing">
    <h2>${t("list.nothing")}</h2>
    <p class="quiet">${t("list.nothing.lead")}</p>
    <button type="button" class="button" onClick=${clear}>${t("filter.clear")}</button>
  </div>`;
}

// Rows are laid out one by one, so that each must know the columns beforehand.
function tracks({ name, session, user, tags }) {
  const extras = [session, user, tags].filter(Boolean).map((px) => `minmax(${Math.min(px, EXTRA_LEAST_PX)}px, ${px}px)`);
  return { "--name": `${name}px`, "--extras": extras.join(" ") };
}

/** How many are listed, and of how many where that is known. */
function countOf(listed, whole) {
  if (!next.value) return t("list.count", { n: listed });
  if (whole === null || whole <= listed) return t("list.count.more", { n: listed });
  return t("list.count.of", { n: exact(listed, language.value), all: exact(whole, language.value) });
}

/** As many as the choice of experiments says. */
function listedIn(experiment) {
  return experiments.value.find((one) => String(one.id) === experiment || one.name === experiment)?.traces ?? null;
}

/** As many as the facets were counted of. */
function countedOf({ experiment, filter }) {
  const { of, traces, is_all } = counted.value ?? {};
  return is_all && of.experiment === experiment && of.filter === filter ? traces : null;
}

// Each asks anew where it stands: keys may come faster than the page is drawn.
function deeds(show) {
  const at = () => traces.value.findIndex((trace) => trace.trace_id === chosen.value);
  const choose = (index) => {
    const all = traces.value;
    if (all.length === 0) return;
    const bounded = Math.min(all.length - 1, Math.max(0, index));
    chosen.value = all[bounded].trace_id;
    show(bounded);
  };
  return {
    next: () => choose(at() + 1),
    previous: () => choose(at() - 1),
    first: () => choose(0),
    last: () => choose(Infinity),
    open: () => at() >= 0 && go(traceAddress(mount, chosen.value, place.value)),
  };
}
