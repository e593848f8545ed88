/* One trace: its figures, its outline, and what the selected span was told and said. */

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { outcome } from "../core/outcome.js";
import { listAddress } from "../core/route.js";
import { useClock } from "../data/clock.js";
import { go, markSpan, mount, place } from "../data/place.js";
import { nameOf, split, t } from "../data/settings.js";
import { body, forgetSpans, showSpan } from "../data/span.js";
import {
  closeTrace, failed, openId, openTrace, position, reveal, running, selected, setAllFolds, setFold, showSpanId, trace, traceState,
} from "../data/trace.js";
import { copyText } from "../widgets/copy.js";
import { Detail } from "../widgets/detail.js";
import { html } from "../widgets/html.js";
import { useKeys } from "../widgets/keyboard.js";
import { Outline } from "../widgets/outline.js";
import { ProblemNotice } from "../widgets/problem.js";
import { Splitter } from "../widgets/splitter.js";
import { TraceHeader } from "../widgets/trace-header.js";
import { useMedia } from "../widgets/virtual.js";

/** Below this the detail is a sheet over the outline. The style sheet has the same figure. */
const SHEET = "(max-width: 899px)";
const sheetIsUp = signal(false);

export function TraceView({ traceId, span }) {
  useEffect(() => {
    let here = true;
    openTrace(traceId, span).then((found) => here && found && matchMedia(SHEET).matches && raiseSheet());
    return () => {
      here = false;
      closeTrace();
      forgetSpans();
      sheetIsUp.value = false;
    };
  }, [traceId]);
  const back = () => go(listAddress(mount, place.value));

  if (traceState.value === "loading" || openId.value !== traceId) {
    document.title = `${t("trace.loading")} – ${t("app.name")}`;
    return html`<main class="page" id="content"><p class="quiet" role="status">${t("trace.loading")}</p></main>`;
  }
  if (traceState.value !== "ready") {
    document.title = `${traceState.value.title ?? t("problem.network.title")} – ${t("app.name")}`;
    return html`<main class="page" id="content"><${ProblemNotice} isPage problem=${traceState.value} onRetry=${() => openTrace(traceId, span)} back=${listAddress(mount, place.value)} /></main>`;
  }
  document.title = `${nameOf(trace.value)} · ${t(`outcome.${outcome(trace.value)}`)} – ${t("app.name")}`;
  return html`<${Workbench} back=${back} />`;
}

function Workbench({ back }) {
  const asSheet = useMedia(SHEET);
  const show = useRef(() => {});
  const { list, at } = position();
  useClock(running.value);
  useBody(list, at, asSheet);
  useSheetHistory();
  useKeys("trace", deeds({ show, asSheet, back }));

  const select = (key) => {
    selected.value = key;
    if (asSheet) raiseSheet();
  };
  return html`<main class="trace" id="content">
    <${TraceHeader} trace=${trace.value} />
    <div class="split" style=${{ "--split": `${split.value}%` }}>
      <${Outline} list=${list} at=${at} show=${show} onSelect=${select} onError=${toError} />
      ${!asSheet && html`<${Splitter} />`}
      ${(!asSheet || sheetIsUp.value) && html`<${Detail} row=${list[at]?.node ?? null} asSheet=${asSheet} onClose=${lowerSheet} />`}
    </div>
  </main>`;
}

/** Fetch what is selected, and its neighbours behind it; name it in the address.

    On a small screen that is the span whose sheet is up: such an address opens it again. */
function useBody(list, at, asSheet) {
  const node = list[at]?.node;
  const wanted = node && !node.group ? node.row : null;
  const version = wanted && versionOf(wanted);
  useEffect(() => {
    if (!wanted) return;
    const near = [at + 1, at - 1, at + 2, at - 2].map((i) => list[i]?.node)
      .filter((other) => other && !other.group)
      .map(({ row }) => ({ ordinal: row.ordinal, version: versionOf(row) }));
    showSpan(trace.value.trace_id, wanted.ordinal, version, near);
  }, [wanted?.ordinal, version]);
  const { ordinal, detail } = body.value;
  const onShow = !asSheet || sheetIsUp.value;
  useEffect(() => {
    if (!wanted || !onShow) markSpan(null);
    else if (detail && ordinal === wanted.ordinal) markSpan(detail.span_id);
  }, [detail, wanted?.ordinal, onShow]);
}

function versionOf(row) {
  return `${row.state}.${row.status}.${row.duration}`;
}

// On a small screen the way back out of the sheet is the browser's own "back".
function useSheetHistory() {
  useEffect(() => {
    const look = () => (sheetIsUp.value = history.state?.sheet === true);
    // Somebody typed or followed an address of another span of this trace.
    const jump = () => place.value.span !== null && showSpanId(place.value.span);
    addEventListener("popstate", look);
    addEventListener("hashchange", jump);
    return () => {
      removeEventListener("popstate", look);
      removeEventListener("hashchange", jump);
    };
  }, []);
}

// The entry below names no span, so that closing the sheet selects no other. After a reload it
// is there already.
function raiseSheet() {
  if (sheetIsUp.value) return;
  const address = location.href;
  if (history.state?.sheet !== true) {
    markSpan(null);
    history.pushState({ sheet: true }, "", address);
  }
  sheetIsUp.value = true;
}

function lowerSheet() {
  if (history.state?.sheet === true) history.back();
  else sheetIsUp.value = false;
}

function toError(step) {
  const errors = failed.value;
  if (errors.length === 0) return;
  const { list, at } = position();
  const here = list[at]?.node.row.ordinal;
  const current = errors.indexOf(here);
  const index = current < 0 ? (step > 0 ? 0 : errors.length - 1) : (current + step + errors.length) % errors.length;
  reveal(errors[index]);
}

// Each asks anew where it stands: keys may come faster than the page is drawn.
function deeds({ show, asSheet, back }) {
  const choose = (index) => {
    const { list } = position();
    const bounded = Math.min(list.length - 1, Math.max(0, index));
    if (!list[bounded]) return;
    selected.value = list[bounded].node.key;
    show.current(bounded);
  };
  const here = () => {
    const { list, at } = position();
    return list[at] ?? null;
  };
  return {
    next: () => choose(position().at + 1),
    previous: () => choose(position().at - 1),
    first: () => choose(0),
    last: () => choose(Infinity),
    unfold: () => unfold(here(), choose),
    fold: () => fold(here(), choose),
    unfoldAll: () => setAllFolds(true),
    foldAll: () => setAllFolds(false),
    nextError: () => toError(1),
    previousError: () => toError(-1),
    detail: () => {
      if (asSheet) raiseSheet();
      requestAnimationFrame(() => document.querySelector(".detail")?.focus());
    },
    copyId: () => copyText(trace.value.trace_id),
    back: () => (sheetIsUp.value && asSheet ? lowerSheet() : back()),
  };
}

function unfold(row, choose) {
  if (!row || row.node.children.length === 0) return;
  if (row.open) choose(position().at + 1);
  else setFold(row.node.key, true);
}

function fold(row, choose) {
  if (row?.open) setFold(row.node.key, false);
  else if (row && row.parent >= 0) choose(row.parent);
}
