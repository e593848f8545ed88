/* The rows of the list: pages below, news above. Newest first, by start. */

/** One page laid under what is known; a trace that moved meanwhile is not listed twice. */
export function append(known, page) {
  const seen = new Set(known.map((trace) => trace.trace_id));
  return sorted([...known, ...page.filter((trace) => !seen.has(trace.trace_id))]);
}

/** Changes laid over the list: {listed, arrived}. Unknown traces are `arrived`, not yet listed.

    What started before `oldest` belongs to a page that was not loaded yet. */
export function change(listed, waiting, changes, oldest = -Infinity) {
  const news = new Map(changes.map((trace) => [trace.trace_id, trace]));
  const renew = (trace) => {
    const newer = news.get(trace.trace_id);
    news.delete(trace.trace_id);
    return newer && newer.seq >= trace.seq ? newer : trace;
  };
  const kept = listed.map(renew);
  const stillWaiting = waiting.map(renew);
  const unknown = [...news.values()].filter((trace) => trace.start_us >= oldest);
  return { listed: kept, arrived: sorted([...stillWaiting, ...unknown]) };
}

export function sorted(traces) {
  return traces.sort((a, b) => b.start_us - a.start_us || (a.trace_id < b.trace_id ? 1 : -1));
}

/** Tokens in and out; null where models were called and none of them told. */
export function traceTokens({ usage, llm_calls }) {
  const { input_tokens = 0, output_tokens = 0 } = usage ?? {};
  const all = input_tokens + output_tokens;
  return all === 0 && llm_calls > 0 ? null : all;
}

/** Which optional columns have anything to say. */
export function columnsInUse(traces) {
  return {
    session: traces.some((trace) => trace.session),
    user: traces.some((trace) => trace.user),
    tags: traces.some((trace) => Object.keys(trace.tags ?? {}).length > 0),
  };
}
