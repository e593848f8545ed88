/* What the list of traces may be ordered by, and where a trace stands in it.

   A row keeps the place that it was listed at, though what it says may grow: nobody could read a
   list whose rows change places by themselves. */

import { traceTokens } from "./traces.js";

/** What is not known is less than anything, as the server has it. */
const VALUES = {
  start: ({ start_us }) => start_us,
  duration: ({ duration_us }) => duration_us ?? -1,
  cost: ({ cost_usd }) => (cost_usd === null ? -1 : Number(cost_usd)),
  tokens: (trace) => traceTokens(trace) ?? 0,
};

/** Every order that there is, the usual one first. */
export const ORDERS = Object.keys(VALUES).flatMap((sort) => [{ sort, order: "desc" }, { sort, order: "asc" }]);

/** An order as somebody asked for it, or the usual one: {sort, order}. */
export function orderOf(sort, order) {
  return { sort: Object.hasOwn(VALUES, sort ?? "") ? sort : "start", order: order === "asc" ? "asc" : "desc" };
}

/** Whether what comes in belongs at the head. */
export function isNewestFirst({ sort, order }) {
  return sort === "start" && order === "desc";
}

/** What a click on a column's head asks for: the largest first, then the smallest. */
export function orderAfter({ sort, order }, column) {
  return { sort: column, order: sort === column && order === "desc" ? "asc" : "desc" };
}

/** The rows with the places that they have now. */
export function placed(traces, { sort }) {
  return traces.map((trace) => ({ ...trace, place: VALUES[sort](trace) }));
}

/** Rows by their places. Of equals, those that stand first stay first. */
export function ordered(rows, { order }) {
  const sign = order === "asc" ? 1 : -1;
  return [...rows].sort((a, b) => sign * (a.place - b.place));
}

/** Whether a trace stands within what has been loaded, down to `edge`; null where that is not known. */
export function isWithin(trace, edge, { sort, order }) {
  if (edge === null) return true;
  const beyond = VALUES[sort](trace) - edge.place;
  return order === "asc" ? beyond <= 0 : beyond >= 0;
}
