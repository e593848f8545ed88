/* The keys that exist, by page. The handlers and the help sheet read the same table, so the
   sheet cannot promise what is not there. */

export const KEYS = {
  list: [
    { deed: "next", keys: ["j", "ArrowDown"] },
    { deed: "previous", keys: ["k", "ArrowUp"] },
    { deed: "first", keys: ["Home"] },
    { deed: "last", keys: ["End"] },
    { deed: "open", keys: ["Enter"] },
    { deed: "find", keys: ["/"] },
    { deed: "facets", keys: ["f"] },
    { deed: "help", keys: ["?"] },
  ],
  trace: [
    { deed: "next", keys: ["j", "ArrowDown"] },
    { deed: "previous", keys: ["k", "ArrowUp"] },
    { deed: "unfold", keys: ["l", "ArrowRight"] },
    { deed: "fold", keys: ["h", "ArrowLeft"] },
    { deed: "unfoldAll", keys: ["Shift+ArrowRight"] },
    { deed: "foldAll", keys: ["Shift+ArrowLeft"] },
    { deed: "nextError", keys: ["n"] },
    { deed: "previousError", keys: ["N"] },
    { deed: "first", keys: ["Home"] },
    { deed: "last", keys: ["End"] },
    { deed: "detail", keys: ["Enter"] },
    { deed: "copyId", keys: ["y"] },
    { deed: "back", keys: ["Escape"] },
    { deed: "help", keys: ["?"] },
  ],
};

/** The deed that a key press asks for on a page, or null. */
export function deedOf(page, press) {
  if (press.ctrlKey || press.metaKey || press.altKey) return null;
  const named = press.key.length > 1 && press.shiftKey ? `Shift+${press.key}` : press.key;
  const entry = (KEYS[page] ?? []).find(({ keys }) => keys.includes(named));
  return entry ? entry.deed : null;
}
