/* The rows of the list: pages below, news laid over them. */

const LETTER = 7.2;
const WIDE_LETTER = 13.2;
const BOLD = 1.05;
/** The sign of its kind beside a name; the ground of a tag about its text. */
const NAME_SIGN = 26;
const TAG_FRAME = 16;

/** One page laid under what is known; a trace that moved meanwhile is not listed twice. */
export function append(known, page) {
  const seen = new Set(known.map((trace) => trace.trace_id));
  return [...known, ...page.filter((trace) => !seen.has(trace.trace_id))];
}

/** Changes laid over the rows: {listed, waiting, unknown}. A row stays where it stands. */
export function change(listed, waiting, changes) {
  const news = new Map(changes.map((trace) => [trace.trace_id, trace]));
  const renew = (row) => {
    const newer = news.get(row.trace_id);
    news.delete(row.trace_id);
    return newer && newer.seq >= row.seq ? { ...newer, place: row.place } : row;
  };
  return { listed: listed.map(renew), waiting: waiting.map(renew), unknown: [...news.values()] };
}

/** Tokens in and out; null where models were called and none of them told. */
export function traceTokens({ usage, llm_calls }) {
  const { input_tokens = 0, output_tokens = 0 } = usage ?? {};
  const all = input_tokens + output_tokens;
  return all === 0 && llm_calls > 0 ? null : all;
}

/** How wide the columns of words want to be, pixels, by what stands in them; an optional column in
    which nothing stands is 0 wide. */
export function columnWidths(traces) {
  const widest = { name: 0, session: 0, user: 0, tags: 0 };
  const note = (column, width) => (widest[column] = Math.max(widest[column], width));
  for (const { name, session, user, tags } of traces) {
    note("name", NAME_SIGN + textWidth(name) * BOLD);
    if (session) note("session", textWidth(session));
    if (user) note("user", textWidth(user));
    const tagged = Object.entries(tags ?? {});
    if (tagged.length) note("tags", tagged.reduce((sum, [key, value]) => sum + TAG_FRAME + textWidth(`${key}: ${value}`), 0));
  }
  const bounded = (column, least, most) => (widest[column] && Math.round(Math.min(most, Math.max(least, widest[column]))));
  return {
    name: bounded("name", 120, 260), session: bounded("session", 52, 96), user: bounded("user", 44, 80), tags: bounded("tags", 44, 120),
  };
}

// Close enough for a column; to measure, the text would have to be drawn.
function textWidth(text) {
  let width = 0;
  for (const letter of text) width += letter < "\u2e80" ? LETTER : WIDE_LETTER;
  return width;
}
