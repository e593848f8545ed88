/* How a trace went, in one word: what the dot, the word beside it and the title say. */

/** "running", "lost", "failed", "ok", or "marred": fine at the root, with errors below. */
export function outcome(trace) {
  if (trace.state === "running") return "running";
  if (trace.status === "error") return "failed";
  if (trace.state === "lost") return "lost";
  return trace.errors > 0 ? "marred" : "ok";
}

/** Errors below the root: a failed root is counted in `errors` too. */
export function innerErrors(trace) {
  return Math.max(0, trace.errors - (trace.status === "error" ? 1 : 0));
}

/** When the process of a lost trace or span was last heard of, in the unit of its start; null where
    nothing was lost, or that is not known. */
export function lastHeard(state, start, duration) {
  return state === "lost" && duration !== null ? start + duration : null;
}

/** How one span went, in the same words. */
export function spanOutcome(row) {
  if (row.state === "running") return "running";
  if (row.status === "error") return "failed";
  if (row.state === "lost") return "lost";
  return "ok";
}
