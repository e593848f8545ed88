/* Bodies of spans, fetched when they are looked at, kept while their trace is open. */

import { signal } from "@preact/signals";
import { ask } from "./api.js";

const SETTLE_MS = 60;

/** What the pane shows: {ordinal, detail, problem, loading}. The one before stays until the next
    has come, so that walking down the outline does not flicker. */
export const body = signal({ ordinal: null, detail: null, problem: null, loading: false });

const kept = new Map();
let current = { key: null, timer: null, abort: null };

/** Show a span's body. `version` changes whenever its row does, and a changed span is asked anew. */
export function showSpan(traceId, ordinal, version, neighbours) {
  const key = `${traceId}/${ordinal}/${version}`;
  if (key === current.key) return;
  clearTimeout(current.timer);
  current.abort?.abort();
  current = { key, timer: null, abort: null };
  if (kept.has(key)) {
    body.value = { ordinal, detail: kept.get(key), problem: null, loading: false };
    return;
  }
  body.value = { ...body.value, loading: true };
  // Whoever holds `j` passes many rows; only where he rests is worth a request.
  const wait = body.value.ordinal === null ? 0 : SETTLE_MS;
  current.timer = setTimeout(() => load(traceId, ordinal, key, neighbours), wait);
}

export function forgetSpans() {
  clearTimeout(current.timer);
  current.abort?.abort();
  current = { key: null, timer: null, abort: null };
  kept.clear();
  body.value = { ordinal: null, detail: null, problem: null, loading: false };
}

async function load(traceId, ordinal, key, neighbours) {
  const mine = current;
  mine.abort = new AbortController();
  try {
    const detail = await ask(`traces/${traceId}/spans/${ordinal}`, {}, mine.abort.signal);
    if (mine !== current) return;
    kept.set(key, detail);
    body.value = { ordinal, detail, problem: null, loading: false };
    await prefetch(traceId, neighbours, mine);
  } catch (problem) {
    if (mine !== current || problem.name === "AbortError") return;
    body.value = { ordinal, detail: null, problem, loading: false };
  }
}

async function prefetch(traceId, neighbours, mine) {
  for (const { ordinal, version } of neighbours) {
    const key = `${traceId}/${ordinal}/${version}`;
    if (mine !== current || kept.has(key)) continue;
    try {
      kept.set(key, await ask(`traces/${traceId}/spans/${ordinal}`, {}, mine.abort.signal));
    } catch {
      return;
    }
  }
}
