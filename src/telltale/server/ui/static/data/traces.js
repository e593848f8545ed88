/* The list of traces: pages from the server, news laid over them. */

import { batch, signal } from "@preact/signals";
import { append, change, sorted } from "../core/traces.js";
import { ask } from "./api.js";
import { follow } from "./live.js";

const PAGE = 100;

export const traces = signal([]);
/** Arrived while the reader was further down. */
export const waiting = signal([]);
export const next = signal(null);
/** "loading", "ready", or a Problem. */
export const listState = signal("loading");
export const loadingMore = signal(false);
export const chosen = signal(null);
export const experiments = signal([]);
export const atTop = signal(true);
/** Where the reader had scrolled to, for the way back. */
export const scrolledTo = { top: 0 };
/** Traces that came in before the reader's eyes; they are drawn sliding in. */
export const fresh = new Set();

const NOT_FOLLOWING = () => {};
let open = { experiment: undefined, seq: 0, stop: NOT_FOLLOWING };

/** Show an experiment's traces (null: all) and follow them. Coming back, only news is asked for. */
export async function openList(experiment) {
  if (open.experiment === experiment && listState.value === "ready") {
    resume(open);
    return;
  }
  leaveList();
  open = { experiment, seq: 0, stop: NOT_FOLLOWING };
  const mine = open;
  batch(() => {
    listState.value = "loading";
    traces.value = [];
    waiting.value = [];
    chosen.value = null;
  });
  scrolledTo.top = 0;
  atTop.value = true;
  loadExperiments();
  try {
    const page = await ask("traces", { experiment, limit: PAGE });
    if (mine !== open) return;
    batch(() => {
      traces.value = sorted([...page.traces]);
      next.value = page.next ?? null;
      listState.value = "ready";
    });
    mine.seq = page.seq;
    resume(mine);
  } catch (problem) {
    if (mine === open) listState.value = problem;
  }
}

/** Stop following; what is known stays for the way back. */
export function leaveList() {
  open.stop();
  open.stop = NOT_FOLLOWING;
}

function resume(mine) {
  if (mine.stop !== NOT_FOLLOWING) return;
  mine.stop = follow({ since: mine.seq, experiment: mine.experiment, onChanges: takeIn });
}

export async function loadMore() {
  if (!next.value || loadingMore.value) return;
  const mine = open;
  loadingMore.value = true;
  try {
    const page = await ask("traces", { experiment: mine.experiment, limit: PAGE, cursor: next.value });
    if (mine !== open) return;
    batch(() => {
      traces.value = append(traces.value, page.traces);
      next.value = page.next ?? null;
    });
  } catch {
    // The button stays; the reader may press it again.
  } finally {
    loadingMore.value = false;
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
  const { listed, arrived } = change(traces.value, waiting.value, changes, oldest);
  batch(() => {
    traces.value = listed;
    waiting.value = arrived;
    if (atTop.value) showWaiting();
  });
  if (arrived.length) loadExperiments();
}

async function loadExperiments() {
  try {
    experiments.value = (await ask("experiments")).experiments;
  } catch {
    // The list itself says what is wrong.
  }
}
