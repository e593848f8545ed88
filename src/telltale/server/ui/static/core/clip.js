/* Long text cut to what one looks at first. */

export const LINES = 40;
// A line of the detail pane holds about this many characters before it wraps.
const WIDTH = 96;

/** {text, clipped}: the first `lines` lines, counting long ones as wrapped. */
export function clip(text, lines = LINES) {
  let left = lines;
  let at = 0;
  while (at < text.length) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline;
    const rows = Math.max(1, Math.ceil((end - at) / WIDTH));
    if (rows > left) return { text: text.slice(0, at + left * WIDTH), clipped: true };
    left -= rows;
    at = end + 1;
    if (left === 0 && at < text.length) return { text: text.slice(0, end), clipped: true };
  }
  return { text, clipped: false };
}
