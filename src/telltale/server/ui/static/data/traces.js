/* The list of traces: pages from the server, news laid over them. */

import { batch, computed, signal } from "@preact/signals";
import { isNewestFirst, isWithin, ordered, placed } from "../core/order.js";
import { append, change } from "../core/traces.js";
import { ask } from "./api.js";
import { follow } from "./live.js";
import { place } from "./place.js";

const PAGE = 100;
const BAD_FILTER = "/problems/bad-filter";
/** The pause between two looks for what a filter has become true of. */
const LOOK_AGAIN_MS = 1_000;
/** Traces that are asked about at once: a filter has room for 200 terms. */
const ASKED_AT_ONCE = 50;

/** Rows: traces with their `place` in the order. */
export const traces = signal([]);
/** Arrived, and not shown yet: the reader was further down, or news does not belong at the head. */
export const waiting = signal([]);
export const next = signal(null);
/** "loading", "ready", or a Problem. */
export const listState = signal("loading");
/** Which traces are listed and how: {experiment, filter, sort, order}; null before any are. */
export const listed = signal(null);
/** The first page of other traces has been asked for; the list is still that of before. */
export const opening = signal(false);
/** {filter, problem}: a filter that is none. The list is still that of before. */
export const refused = signal(null);
/** The filter that is asked for: of the list as it stands, where what the address holds is none. */
export const applied = computed(() => (
  refused.value !== null && refused.value.filter === place.value.filter ? listed.value?.filter ?? "" : place.value.filter
));
export const loadingMore = signal(false);
/** The last question for more was not answered. */
export const stuck = signal(false);
export const chosen = signal(null);
export const experiments = signal([]);
/** Counts up whenever a trace of the list may have changed. */
export const changed = signal(0);
/** Where the reader had scrolled to, for the way back. */
export const scrolledTo = { top: 0 };
/** Traces that came in before the reader's eyes; they are drawn sliding in. */
export const fresh = new Set();

const NOT_FOLLOWING = () => {};
const NOTHING_LISTED = listOf({ experiment: null, filter: "", sort: "start", order: "desc" }, 0);
/** The list whose traces these are, and how it is followed. */
let open = NOTHING_LISTED;
/** The list that has been asked for instead. */
let asked = null;
let isAtTop = true;

function listOf({ experiment, filter, sort, order }, seq) {
  return {
    experiment, filter, sort, order, seq, stop: NOT_FOLLOWING,
    /** The last row of what has been loaded: what stands behind it comes with a later page. Null where a
        page ended early or was the last. */
    edge: null,
    /** Changed traces of which only the server knows whether the filter is true. */
    unasked: new Set(),
    isLooking: false,
    /** Traces that have changed behind the edge. */
    behind: new Set(),
  };
}

function isSame(list, { experiment, filter, sort, order }) {
  return list.experiment === experiment && list.filter === filter && list.sort === sort && list.order === order;
}

/** What the server is asked for a page of a list. */
function questionOf({ experiment, filter, sort, order }, more) {
  const isUsual = isNewestFirst({ sort, order });
  return { experiment, filter: filter || null, sort: isUsual ? null : sort, order: isUsual ? null : order, limit: PAGE, ...more };
}

/** Show the traces of an experiment (null: all) that a filter is true of (empty: all) in an order,
    and follow them. Coming back, only news is asked for. */
export async function openList(scope) {
  const isOpen = listState.value === "ready" && listed.value !== null && isSame(open, scope);
  opening.value = !isOpen;
  if (isOpen) {
    asked = null;
    refused.value = null;
    resume(open);
    return;
  }
  leaveList();
  asked = scope;
  if (listState.value !== "ready" || open.experiment !== scope.experiment) clear(scope);
  try {
    const page = await ask("traces", questionOf(scope));
    if (scope === asked) show(scope, page);
  } catch (problem) {
    if (scope === asked) give(scope, problem);
  }
}

function clear({ experiment }) {
  open = { ...NOTHING_LISTED, experiment };
  batch(() => {
    listState.value = "loading";
    listed.value = null;
    traces.value = [];
    waiting.value = [];
    next.value = null;
    refused.value = null;
    loadingMore.value = false;
  });
  loadExperiments();
}

function show(mine, page) {
  asked = null;
  open = listOf(mine, page.seq);
  scrolledTo.top = 0;
  isAtTop = true;
  fresh.clear();
  const rows = placed(page.traces, mine);
  open.edge = edgeOf(page, rows);
  batch(() => {
    traces.value = rows;
    waiting.value = [];
    next.value = page.next ?? null;
    listed.value = mine;
    listState.value = "ready";
    chosen.value = null;
    opening.value = loadingMore.value = stuck.value = false;
    refused.value = null;
  });
  resume(open);
}

function edgeOf(page, rows) {
  return page.next && rows.length === PAGE ? rows.at(-1) : null;
}

function give(mine, problem) {
  asked = null;
  const isBad = problem.type === BAD_FILTER;
  batch(() => {
    opening.value = false;
    refused.value = isBad ? { filter: mine.filter, problem } : null;
    listState.value = isBad ? "ready" : problem;
  });
  if (isBad && listed.value) resume(open);
}

/** Stop following; what is known stays for the way back. */
export function leaveList() {
  asked = null;
  open.stop();
  open.stop = NOT_FOLLOWING;
}

function resume(mine) {
  if (mine.stop !== NOT_FOLLOWING) return;
  mine.stop = follow({ since: mine.seq, experiment: mine.experiment, onChanges: takeIn, onGone: takeAway });
  lookUp(mine);
}

/** The next page. A search may answer with few traces or none, though there is more to look at. */
export async function loadMore() {
  if (!next.value || loadingMore.value) return;
  const mine = open;
  loadingMore.value = true;
  stuck.value = false;
  try {
    const page = await ask("traces", questionOf(mine, { cursor: next.value }));
    if (mine !== open) return;
    const rows = placed(page.traces, mine);
    const known = new Set(waiting.value.map((trace) => trace.trace_id));
    mine.edge = edgeOf(page, rows);
    batch(() => {
      traces.value = ordered(append(traces.value, rows.filter((trace) => !known.has(trace.trace_id))), mine);
      next.value = page.next ?? null;
    });
  } catch {
    // The button stays; the reader may press it again.
    if (mine === open) stuck.value = true;
  } finally {
    if (mine === open) loadingMore.value = false;
  }
}

/** Put what has been waiting at its place, and all that has grown with it; answers the id of the
    first of the news. */
export function showWaiting() {
  const arrived = new Set(waiting.value.map((trace) => trace.trace_id));
  if (arrived.size === 0) return null;
  for (const id of arrived) fresh.add(id);
  batch(() => {
    traces.value = ordered(placed([...waiting.value, ...traces.value], open), open);
    waiting.value = [];
  });
  return traces.value.find(({ trace_id }) => arrived.has(trace_id)).trace_id;
}

/** The reader has scrolled, to the head of the list or away from it. */
export function scrollTo(top) {
  scrolledTo.top = top;
  isAtTop = top < 4;
  slideIn();
}

// Where the newest are first, what arrives belongs where the reader is looking.
function slideIn() {
  if (isAtTop && isNewestFirst(open)) showWaiting();
}

/** Lay over the list what the page of a trace has learnt. The stream has not brought it yet, and
    will not while the server is away. */
export function learn(trace) {
  traces.value = change(traces.value, [], [trace]).listed;
}

function takeIn(changes, seq) {
  open.seq = seq;
  const renewed = change(traces.value, waiting.value, changes);
  batch(() => {
    traces.value = renewed.listed;
    waiting.value = renewed.waiting;
    changed.value += 1;
  });
  if (open.filter === "") {
    arrive(renewed.unknown);
  } else {
    for (const { trace_id } of renewed.unknown) open.unasked.add(trace_id);
    lookUp(open);
  }
}

function takeAway(ids) {
  const gone = new Set(ids);
  const stays = ({ trace_id }) => !gone.has(trace_id);
  batch(() => {
    traces.value = traces.value.filter(stays);
    waiting.value = waiting.value.filter(stays);
    if (gone.has(chosen.value)) chosen.value = null;
    changed.value += 1;
  });
  loadExperiments();
}

function arrive(unknown) {
  const mine = open;
  const news = unknown.filter((trace) => isWithin(trace, mine.edge, mine));
  const others = unknown.filter((trace) => !news.includes(trace) && !mine.behind.has(trace.trace_id));
  for (const { trace_id } of others) mine.behind.add(trace_id);
  if (news.length + others.length > 0) loadExperiments();
  if (news.length === 0) return;
  batch(() => {
    waiting.value = [...placed(news, mine), ...waiting.value];
    slideIn();
  });
}

// Only the server knows whether a trace that is not listed has become one that the filter is true of.
async function lookUp(mine) {
  if (mine.isLooking) return;
  mine.isLooking = true;
  while (mine.unasked.size > 0 && mine.stop !== NOT_FOLLOWING) {
    const pause = new Promise((done) => setTimeout(done, LOOK_AGAIN_MS));
    const ids = [...mine.unasked].slice(0, ASKED_AT_ONCE);
    for (const id of ids) mine.unasked.delete(id);
    try {
      const found = await matching(mine, ids);
      if (mine === open) arrive(change(traces.value, waiting.value, found).unknown);
    } catch {
      // The next change tries again.
      for (const id of ids) mine.unasked.add(id);
      await pause;
      break;
    }
    await pause;
  }
  mine.isLooking = false;
}

/** Those of some traces that the list's filter is true of. */
async function matching(mine, ids) {
  const narrowed = `(${mine.filter}) trace:(${ids.join(" OR ")})`;
  try {
    return (await ask("traces", { experiment: mine.experiment, filter: narrowed, limit: PAGE })).traces;
  } catch (problem) {
    if (problem.type !== BAD_FILTER) throw problem;
    // A filter may be as long as filters can be; its first page then says what has come to match.
    return (await ask("traces", questionOf(mine))).traces;
  }
}

async function loadExperiments() {
  try {
    experiments.value = (await ask("experiments")).experiments;
  } catch {
    // The list itself says what is wrong.
  }
}
