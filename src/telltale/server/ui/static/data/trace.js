/* The trace that is open: its figures and its rows, kept up to date while it runs. */

import { batch, computed, signal } from "@preact/signals";
import { failures, firstFailure, flatten, foldRule, foldableKeys, nearestOnView, pathTo } from "../core/outline.js";
import { merge } from "../core/skeleton.js";
import { buildTree } from "../core/tree.js";
import { ask } from "./api.js";
import { follow } from "./live.js";
import { learn } from "./traces.js";

/** The id of the trace that the other signals tell of. */
export const openId = signal(null);
export const trace = signal(null);
export const rows = signal(new Map());
/** "loading", "ready", or a Problem. */
export const traceState = signal("loading");
/** The node that is selected, by its key: a span or a group. */
export const selected = signal(null);
/** Keys that the reader folded or opened, over the rule. */
export const touched = signal(new Map());

export const tree = computed(() => buildTree(rows.value));
export const failed = computed(() => failures(tree.value));
export const running = computed(() => trace.value?.state === "running");
export const outline = computed(() => flatten(tree.value, touched.value, rule));

// Settled when the trace opens: a running trace must not fold itself up at its 151st span.
let rule = () => true;
let open = { id: null, seq: 0, stop: () => {}, busy: false, again: false };

/** Load a trace and follow it; `spanId` from the address is selected and shown.

    Answers whether there is such a span. */
export async function openTrace(id, spanId) {
  closeTrace();
  const mine = { id, seq: 0, stop: () => {}, busy: false, again: false };
  open = mine;
  batch(() => {
    openId.value = id;
    traceState.value = "loading";
  });
  try {
    const [figures, skeleton, wanted] = await Promise.all([
      ask(`traces/${id}`),
      ask(`traces/${id}/skeleton`),
      spanId === null ? null : ordinalOf(id, spanId),
    ]);
    if (mine !== open) return false;
    show(figures, skeleton, wanted);
    mine.seq = skeleton.seq;
    mine.stop = follow({
      since: skeleton.seq,
      experiment: figures.experiment_id,
      onChanges: (changes) => takeIn(mine, changes),
      onGone: (ids) => ids.includes(id) && tellGone(mine),
    });
    return wanted !== null;
  } catch (problem) {
    if (mine === open) traceState.value = problem;
    return false;
  }
}

// The server says in its own words that it is not there, and what to do.
async function tellGone(mine) {
  try {
    await ask(`traces/${mine.id}`);
  } catch (problem) {
    if (mine === open) traceState.value = problem;
  }
}

export function closeTrace() {
  open.stop();
  open = { id: null, seq: 0, stop: () => {}, busy: false, again: false };
  batch(() => {
    openId.value = null;
    traceState.value = "loading";
    trace.value = null;
    rows.value = new Map();
    touched.value = new Map();
    selected.value = null;
  });
}

function show(figures, skeleton, wanted) {
  const known = merge(new Map(), skeleton);
  const built = buildTree(known);
  const reveal = [firstFailure(built), wanted].filter((ordinal) => ordinal !== null);
  rule = foldRule(known.size, built, reveal);
  batch(() => {
    trace.value = figures;
    learn(figures);
    rows.value = known;
    selected.value = wanted === null ? (built[0]?.key ?? null) : `s${wanted}`;
    traceState.value = "ready";
  });
}

// The skeleton has no span ids; the server knows which row an address means.
async function ordinalOf(id, spanId) {
  try {
    return (await ask(`traces/${id}/spans/${spanId}`)).ordinal;
  } catch {
    return null;
  }
}

/** Select the span that an address names, if it is one of this trace's. */
export async function showSpanId(spanId) {
  const mine = open;
  const ordinal = await ordinalOf(mine.id, spanId);
  if (mine === open && ordinal !== null && selected.value !== `s${ordinal}`) reveal(ordinal);
}

async function takeIn(mine, changes) {
  const news = changes.find((changed) => changed.trace_id === mine.id);
  if (!news || mine !== open) return;
  trace.value = news;
  learn(news);
  mine.again = true;
  if (mine.busy) return;
  mine.busy = true;
  try {
    while (mine.again && mine === open) {
      mine.again = false;
      await patch(mine);
    }
  } catch {
    // The next change brings these rows too: `seq` has not moved.
  } finally {
    mine.busy = false;
  }
}

async function patch(mine) {
  const columns = await ask(`traces/${mine.id}/skeleton`, { since: mine.seq });
  if (mine !== open) return;
  mine.seq = columns.seq;
  batch(() => {
    rows.value = merge(rows.value, columns);
    if (selected.value === null) selected.value = tree.value[0]?.key ?? null;
  });
}

/** The rows on view and which of them is selected, as of this moment. */
export function position() {
  const list = outline.value;
  return { list, at: list.findIndex(({ node }) => node.key === selected.value) };
}

export function setFold(key, isOpen) {
  refold(new Map(touched.value).set(key, isOpen));
}

export function setAllFolds(isOpen) {
  refold(new Map(foldableKeys(tree.value).map((key) => [key, isOpen])));
}

// What is folded away hands the selection to the row that it went into.
function refold(folds) {
  batch(() => {
    touched.value = folds;
    if (selected.value !== null) selected.value = nearestOnView(tree.value, outline.value, selected.value);
  });
}

/** Select a span wherever it is, opening the way to it. */
export function reveal(ordinal) {
  const opened = new Map(touched.value);
  for (const key of pathTo(tree.value, `s${ordinal}`)) opened.set(key, true);
  batch(() => {
    touched.value = opened;
    selected.value = `s${ordinal}`;
  });
}
