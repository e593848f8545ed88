/* How a trace went, in one word: what the dot, the word beside it and the title say. */

/** "running", "lost", "failed", "ok", or "marred": fine at the root, with errors below. */
export function outcome(trace) {
  if (trace.state === "running") return "running";
  if (trace.status === "error") return "failed";
  if (trace.state === "lost") return "lost";
  return trace.errors > 0 ? "marred" : "ok";
}

/** How many spans failed, itself included; 0 where it is the only one, as its outcome says that. */
export function errorsToTell(trace) {
  return trace.status === "error" && trace.errors === 1 ? 0 : trace.errors;
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
