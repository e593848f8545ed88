/* Which of many rows of one height are worth drawing. */

/** {first, last}: the rows in view and some beyond each edge; `last` is exclusive. */
export function visible(scrollTop, height, rowHeight, count, beyond = 8) {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - beyond);
  const last = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + beyond);
  return { first: Math.min(first, last), last };
}

/** Where to scroll so that a row is in view, or null if it is. `above` is covered by a header. */
export function scrollFor(index, scrollTop, height, rowHeight, above = 0) {
  const top = index * rowHeight;
  const room = height - above;
  const short = top < scrollTop ? scrollTop - top : top + rowHeight - scrollTop - room;
  if (short <= 0) return null;
  // A leap lands in the middle, so that one sees what is around it; a step moves by a step.
  if (short > rowHeight * 2) return Math.max(0, top - (room - rowHeight) / 2);
  return top < scrollTop ? top : top + rowHeight - room;
}
