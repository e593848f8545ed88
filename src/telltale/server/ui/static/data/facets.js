/* What the listed traces have in common, counted by the server while somebody looks at it. */

import { signal } from "@preact/signals";
import { ask } from "./api.js";
import { changed } from "./traces.js";

/** Values a field. */
const MOST = 50;
/** The pause between two counts of a list that changes. */
const PAUSE_MS = 5_000;

/** {fields, traces, is_all} as the server answers them, and `of` which {experiment, filter}; null
    before any were counted. */
export const facets = signal(null);
/** What is shown is that of another list. */
export const counting = signal(false);
/** The last count failed. */
export const uncounted = signal(false);

/** Count for a list, and again while it changes, until the function that this answers is called. */
export function count({ experiment, filter }) {
  const abort = new AbortController();
  let isStale = false;
  let isBusy = false;
  counting.value = true;

  async function look() {
    if (isBusy) return;
    isBusy = true;
    while (isStale && !abort.signal.aborted) {
      isStale = false;
      const pause = new Promise((done) => setTimeout(done, PAUSE_MS));
      await once();
      await pause;
    }
    isBusy = false;
  }

  async function once() {
    try {
      const answer = await ask("facets", { experiment, filter: filter || null, limit: MOST }, abort.signal);
      if (abort.signal.aborted) return;
      facets.value = { ...answer, of: { experiment, filter } };
      uncounted.value = counting.value = false;
    } catch {
      if (abort.signal.aborted) return;
      // Those of before may be of another list.
      facets.value = null;
      uncounted.value = true;
      counting.value = false;
    }
  }

  // It is called once at once.
  const stop = changed.subscribe(() => {
    isStale = true;
    look();
  });
  return () => {
    stop();
    abort.abort();
  };
}
