/* What stands in the column of facets: the values that were counted, and those that the filter names. */

import { isSame, termsOf } from "./terms.js";

const FIELDS = ["status", "crew", "flow", "agent", "model", "provider", "tool", "error", "user", "session"];
/** What needs a look comes first. */
const STATUSES = ["error", "lost", "running", "ok"];

/** Groups in their order: [{field, values: [{value, traces, chosen}]}]. `chosen` is "in", "out" or
    null; `traces` is null where a value was not counted. */
export function groupsOf(counted, filter) {
  const terms = termsOf(filter).filter(({ field }) => FIELDS.includes(field) || field.startsWith("tag."));
  const fields = new Set([...FIELDS, ...Object.keys(counted), ...terms.map(({ field }) => field)]);
  return [...fields].map((field) => {
    const mine = terms.filter((term) => term.field === field);
    const values = (counted[field] ?? []).map((one) => ({ ...one, chosen: choiceOf(mine, field, one.value) }));
    // What was left out has no count any more, and must be there to be taken in again.
    const others = mine.filter(({ value }) => !values.some((one) => isSame({ field, value }, field, one.value)))
      .map(({ value, isNot }) => ({ value, traces: null, chosen: isNot ? "out" : "in" }));
    return { field, values: [...others, ...(field === "status" ? byUrgency(values) : values)] };
  }).filter(({ values }) => values.length > 0);
}

function choiceOf(terms, field, value) {
  const term = terms.find((one) => isSame(one, field, value));
  return term ? (term.isNot ? "out" : "in") : null;
}

function byUrgency(values) {
  return [...values].sort((a, b) => STATUSES.indexOf(a.value) - STATUSES.indexOf(b.value));
}
