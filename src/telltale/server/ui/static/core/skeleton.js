/* A skeleton's columns as rows, one for each span, merged patch by patch.

   A row's start is absolute: two patches may count from different bases. */

const STATES = ["ended", "running", "lost"];
const STATUSES = ["unset", "ok", "error"];

/** New map from ordinal to row: those of `known` with the patch laid over them. */
export function merge(known, columns) {
  const rows = new Map(known);
  for (let i = 0; i < columns.ordinal.length; i++) {
    rows.set(columns.ordinal[i], row(columns, i));
  }
  return rows;
}

function row(columns, i) {
  const duration = columns.duration[i];
  return {
    ordinal: columns.ordinal[i],
    parent: columns.parent[i],
    name: columns.names[columns.name[i]] ?? "",
    kind: columns.kinds[columns.kind[i]] ?? "unknown",
    model: columns.model[i] < 0 ? null : columns.models[columns.model[i]],
    label: columns.label[i],
    state: STATES[columns.state[i]] ?? "ended",
    status: STATUSES[columns.status[i]] ?? "unset",
    start: columns.base_us + columns.start[i],
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
