/* The list of traces: pages from the server, news laid over them. */

import { batch, signal } from "@preact/signals";
import { append, change, sorted } from "../core/traces.js";
import { ask } from "./api.js";
import { follow } from "./live.js";

const PAGE = 100;
const BAD_FILTER = "/problems/bad-filter";
/** The pause between two looks for what a filter has become true of. */
const LOOK_AGAIN_MS = 1_000;

export const traces = signal([]);
/** Arrived while the reader was further down. */
export const waiting = signal([]);
export const next = signal(null);
/** "loading", "ready", or a Problem. */
export const listState = signal("loading");
/** Which traces are listed: {experiment, filter}; null before any are. */
export const listed = signal(null);
/** The first page of other traces has been asked for; the list is still that of before. */
export const opening = signal(false);
/** {filter, problem}: a filter that is none. The list is still that of before. */
export const refused = signal(null);
export const loadingMore = signal(false);
/** The last question for more was not answered. */
export const stuck = signal(false);
export const chosen = signal(null);
export const experiments = signal([]);
export const atTop = signal(true);
/** Where the reader had scrolled to, for the way back. */
export const scrolledTo = { top: 0 };
/** Traces that came in before the reader's eyes; they are drawn sliding in. */
export const fresh = new Set();

const NOT_FOLLOWING = () => {};
/** The list whose traces these are, and how it is followed. */
let open = listOf({}, 0);
/** The list that has been asked for instead. */
let asked = null;

function listOf({ experiment, filter }, seq) {
  return { experiment, filter, seq, stop: NOT_FOLLOWING, isStale: false, isLooking: false };
}

/** Show the traces of an experiment (null: all) that a filter is true of (empty: all), and follow
    them. Coming back, only news is asked for. */
export async function openList(experiment, filter) {
  const isOpen = listState.value === "ready" && listed.value !== null && open.experiment === experiment && open.filter === filter;
  opening.value = !isOpen;
  if (isOpen) {
    asked = null;
    refused.value = null;
    resume(open);
    return;
  }
  leaveList();
  const mine = { experiment, filter };
  asked = mine;
  if (listState.value !== "ready" || open.experiment !== experiment) clear(experiment);
  try {
    const page = await ask("traces", { experiment, filter: filter || null, limit: PAGE });
    if (mine === asked) show(mine, page);
  } catch (problem) {
    if (mine === asked) give(mine, problem);
  }
}

function clear(experiment) {
  open = listOf({ experiment }, 0);
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
  batch(() => {
    traces.value = sorted([...page.traces]);
    waiting.value = [];
    next.value = page.next ?? null;
    listed.value = mine;
    listState.value = "ready";
    chosen.value = null;
    atTop.value = true;
    opening.value = loadingMore.value = stuck.value = false;
    refused.value = null;
  });
  resume(open);
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
  mine.stop = follow({ since: mine.seq, experiment: mine.experiment, onChanges: mine.filter ? takeInFiltered : takeIn });
  if (mine.isStale) lookAgain(mine);
}

/** The next page. A search may answer with few traces or none, though there is more to look at. */
export async function loadMore() {
  if (!next.value || loadingMore.value) return;
  const mine = open;
  loadingMore.value = true;
  stuck.value = false;
  try {
    const page = await ask("traces", { experiment: mine.experiment, filter: mine.filter || null, limit: PAGE, cursor: next.value });
    if (mine !== open) return;
    const known = new Set(waiting.value.map((trace) => trace.trace_id));
    batch(() => {
      traces.value = append(traces.value, page.traces.filter((trace) => !known.has(trace.trace_id)));
      next.value = page.next ?? null;
    });
  } catch {
    // The button stays; the reader may press it again.
    if (mine === open) stuck.value = true;
  } finally {
    if (mine === open) loadingMore.value = false;
  }
}

/** Put what has been waiting at the head of the list. */
export function showWaiting() {
  if (waiting.value.length === 0) return;
  for (const trace of waiting.value) fresh.add(trace.trace_id);
  batch(() => {
    traces.value = sorted([...traces.value, ...waiting.value]);
    waiting.value = [];
  });
}

/** Lay over the list what the page of a trace has learnt. The stream has not brought it yet, and
    will not while the server is away. */
export function learn(trace) {
  traces.value = change(traces.value, [], [trace], Infinity).listed;
}

function takeIn(changes, seq) {
  open.seq = seq;
  const oldest = next.value === null ? -Infinity : traces.value.at(-1)?.start_us ?? -Infinity;
  lay(changes, oldest);
}

function lay(changes, oldest) {
  const { listed: renewed, arrived } = change(traces.value, waiting.value, changes, oldest);
  const isNews = arrived.length > waiting.value.length;
  batch(() => {
    traces.value = renewed;
    waiting.value = arrived;
    if (atTop.value) showWaiting();
  });
  if (isNews) loadExperiments();
}

// Only the server knows whether a trace that is not listed has become one that the filter is true
// of: the first page, asked for anew, says so.
function takeInFiltered(changes, seq) {
  open.seq = seq;
  lay(changes, Infinity);
  open.isStale = true;
  lookAgain(open);
}

async function lookAgain(mine) {
  if (mine.isLooking) return;
  mine.isLooking = true;
  while (mine.isStale && mine.stop !== NOT_FOLLOWING) {
    const pause = new Promise((done) => setTimeout(done, LOOK_AGAIN_MS));
    mine.isStale = false;
    try {
      const page = await ask("traces", { experiment: mine.experiment, filter: mine.filter, limit: PAGE });
      if (mine === open) lay(page.traces, -Infinity);
    } catch {
      // The next change tries again.
      await pause;
      mine.isStale = true;
      break;
    }
    await pause;
  }
  mine.isLooking = false;
}

async function loadExperiments() {
  try {
    experiments.value = (await ask("experiments")).experiments;
  } catch {
    // The list itself says what is wrong.
  }
}
