/* The filter with what was chosen put in where it was being written. What may be chosen is the
   server's to say. */

const REST_OF_NAME = /^[\w.]*:?/;
const REST_OF_FIRST_NAME = /^\w*\.?/;
const REST_OF_VALUE = /^[^\s()"]*/;
const REST_OF_QUOTED = /^(?:[^"\\]|\\.)*"?/;
/** The field whose value comes next; others may stand before it in brackets. */
const FIELD = /([A-Za-z_]\w*)(?:\.(?:"(?:[^"\\]|\\.)*"|[^\s()":]+))?:(?:\((?:[^()"]|"(?:[^"\\]|\\.)*")*)?$/;

/** Fields whose values are not listed, by how these are written; all others are whole numbers. */
const WRITTEN = { duration: "duration", cost: "money", feedback: "score", since: "moment", before: "moment", trace: "id" };

/** What to offer of an answer: {proposals, hint, field, isBegun}. `hint` is how the values of `field` are
    written, where they are not listed.

    `text` is what was asked about: all up to the cursor. */
export function offered(text, { start, proposals }) {
  const before = head(text, start);
  const written = text.slice(before.length);
  const listed = proposals.filter((one) => one.text !== "");
  const isThere = listed.length === 1 && listed[0].text === written;
  const field = FIELD.exec(before)?.[1].toLowerCase() ?? "";
  const hint = proposals.length > listed.length ? WRITTEN[field] ?? "count" : "";
  return { proposals: isThere ? [] : listed, hint, field, isBegun: written !== "" };
}

/** {text, cursor} once a proposal stands where `start` says, in place of the word at the cursor. */
export function put(text, cursor, start, chosen) {
  const before = head(text, start);
  const written = text.slice(before.length, cursor);
  const isValue = FIELD.test(before);
  const ending = isValue ? (written.startsWith('"') ? REST_OF_QUOTED : REST_OF_VALUE)
    : chosen.endsWith(".") ? REST_OF_FIRST_NAME : REST_OF_NAME;
  const after = text.slice(cursor).replace(ending, "");
  // A value is followed by what comes next, a field by its value.
  const gap = isValue && !/^[\s)]/.test(after) ? " " : "";
  const behind = isValue && /^\s/.test(after) ? 1 : 0;
  return { text: before + chosen + gap + after, cursor: before.length + chosen.length + gap.length + behind };
}

// The server counts whole characters, where a text here counts in halves of some.
function head(text, start) {
  return [...text].slice(0, start).join("");
}
