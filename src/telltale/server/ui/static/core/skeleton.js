/* A skeleton's columns as rows, one for each span, merged patch by patch.

   A row's start is absolute: two patches may count from different bases. */

const STATES = ["ended", "running", "lost"];
const STATUSES = ["unset", "ok", "error"];

/** New map from ordinal to row: those of `known` with the patch laid over them. */
export function merge(known, columns) {
  const rows = new Map(known);
  let ordinal = 0;
  let start = columns.base_us;
  for (let i = 0; i < columns.ordinal_step.length; i++) {
    ordinal += columns.ordinal_step[i];
    start += columns.start_step[i];
    rows.set(ordinal, row(columns, i, ordinal, start));
  }
  return rows;
}

function row(columns, i, ordinal, start) {
  const duration = columns.duration[i];
  return {
    ordinal,
    parent: columns.parent[i],
    name: columns.names[columns.name[i]] ?? "",
    kind: columns.kinds[columns.kind[i]] ?? "unknown",
    model: columns.model[i] < 0 ? null : columns.models[columns.model[i]],
    label: columns.label[i],
    state: STATES[columns.state[i]] ?? "ended",
    status: STATUSES[columns.status[i]] ?? "unset",
    start,
    duration: duration < 0 ? null : duration,
    input: known(columns.input_tokens[i]),
    cached: known(columns.cached_tokens[i]),
    output: known(columns.output_tokens[i]),
    costUsd: columns.cost_nano_usd[i] < 0 ? null : columns.cost_nano_usd[i] / 1e9,
  };
}

function known(count) {
  return count < 0 ? null : count;
}
