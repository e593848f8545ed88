/* The terms that stand side by side in a filter, and putting one more there or taking it away. What
   a filter means is the server's to say; here it is enough to know one's own terms again. */

const PLAIN = /^[\p{L}\p{N}_./@+][\p{L}\p{N}_./@+-]*$/u;
const WORDS = new Set(["AND", "OR", "NOT"]);
const TERM = /^(-?)([A-Za-z_]\w*)(?:\.("(?:[^"\\]|\\.)*"|[^\s()":]+))?:("(?:[^"\\]|\\.)*"|[^\s()"]*[^\s()"*])$/;
/** A quoted text, a bracket, white space, or a row of anything else. */
const SIGNS = /"(?:[^"\\]|\\.)*"?|[()]|\s+|[^\s()"]+/g;

/** A value or a key as it stands in a filter. */
export function quoted(text) {
  return PLAIN.test(text) && !WORDS.has(text) ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** `tag.env` and `prod` → `tag.env:prod`; of a tag the key may be any text. */
export function termOf(field, value) {
  return `${field.startsWith("tag.") ? `tag.${quoted(field.slice(4))}` : field}:${quoted(value)}`;
}

/** The terms of which a filter asks that each is true, or is not: [{field, value, isNot, piece}]. */
export function termsOf(filter) {
  const pieces = piecesOf(filter);
  if (pieces.includes("OR")) return [];
  return pieces.flatMap((text, piece) => {
    const found = TERM.exec(text);
    if (!found || (pieces[piece - 1] === "NOT" && pieces[piece - 2] === "NOT")) return [];
    const [, minus, name, key, value] = found;
    const field = key === undefined ? name.toLowerCase() : `${name.toLowerCase()}.${bare(key)}`;
    const isNot = (minus === "-") !== (pieces[piece - 1] === "NOT");
    return [{ field, value: bare(value), isNot, piece }];
  });
}

export function isSame(term, field, value) {
  return term.field === field && term.value.toLowerCase() === value.toLowerCase();
}

/** The filter with a term more; with one less where it stood there; turned round where its opposite
    did. */
export function toggled(filter, field, value, isNot) {
  const pieces = piecesOf(filter);
  const mine = termsOf(filter).filter((term) => isSame(term, field, value));
  const gone = new Set(mine.flatMap(({ piece }) => (pieces[piece - 1] === "NOT" ? [piece - 1, piece] : [piece])));
  // What stands side by side is joined by AND anyway, which may now have nothing to join.
  const kept = mine.length > 0 ? pieces.filter((text, i) => !gone.has(i) && text !== "AND").join(" ") : filter.trim();
  if (mine.some((term) => term.isNot === isNot)) return kept;
  const others = pieces.includes("OR") ? `(${kept})` : kept;
  return `${others} ${isNot ? "-" : ""}${termOf(field, value)}`.trim();
}

/** What stands side by side, brackets and quotes unbroken. */
function piecesOf(filter) {
  const pieces = [];
  let depth = 0;
  let isApart = true;
  for (const sign of filter.match(SIGNS) ?? []) {
    const isSpace = /^\s/.test(sign);
    if (isSpace && depth === 0) {
      isApart = true;
      continue;
    }
    if (isApart) pieces.push("");
    isApart = false;
    pieces[pieces.length - 1] += sign;
    depth += sign === "(" ? 1 : sign === ")" ? -1 : 0;
  }
  return pieces;
}

function bare(text) {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(["\\])/g, "$1") : text;
}
