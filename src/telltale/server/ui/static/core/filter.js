/* What to show of a filter that the server refused: where it is wrong, what stands there, and what
   is said of it. Its grammar is the server's alone. */

/** Characters shown on either side of the place. */
const AROUND = 40;
const QUOTED = /^"(?:[^"\\]|\\.)*"?/;
const NAME = /^[A-Za-z_]\w*(?=[.:])/;
const WORD = /^[^\s()"]+/;

/** {before, word, after}: the word at the server's position, and what is around it. A position
    counts whole characters, where a text here counts in halves of some. */
export function excerpt(text, position) {
  const { before, word, after } = parts(text, position);
  return {
    before: before.length > AROUND ? `…${before.slice(-AROUND).join("")}` : before.join(""),
    word,
    after: after.length > AROUND ? `${after.slice(0, AROUND).join("")}…` : after.join(""),
  };
}

/** The text with another word in place of the one at the position. */
export function replaceWord(text, position, word) {
  const { before, after } = parts(text, position);
  return [...before, word, ...after].join("");
}

/** What is wrong, out of a detail that also repeats the filter and what was expected. */
export function complaint({ detail, position, expected }) {
  const from = `: at character ${position + 1}, `;
  const end = detail.lastIndexOf(`; expected ${expected}`);
  const start = detail.lastIndexOf(from, end);
  if (start < 0 || end < 0) return detail;
  const said = detail.slice(start + from.length, end);
  return said[0].toUpperCase() + said.slice(1);
}

function parts(text, position) {
  const letters = [...text];
  const before = letters.slice(0, position);
  const rest = letters.slice(position).join("");
  // Behind a colon stands a value, which may have a colon of its own.
  const name = before.at(-1) === ":" ? null : NAME.exec(rest);
  const [word] = QUOTED.exec(rest) ?? name ?? WORD.exec(rest) ?? [rest[0] ?? ""];
  return { before, word, after: letters.slice(position + [...word].length) };
}
