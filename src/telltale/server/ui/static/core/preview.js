/* One line that tells traces apart. JSON loses its signs, which say nothing at a glance. */

/** `{"origin": "California", "n": 2}` → `origin: California, n: 2`, also where it was cut short. */
export function preview(text) {
  const trimmed = text.trim();
  if (!/^[[{]\s*["{[]/.test(trimmed)) return text;
  return trimmed
    .replace(/\\[nrt]/g, " ")
    .replace(/"\s*([:,])\s*/g, '"$1 ')
    .replace(/(^|[^\\])"/g, "$1")
    .replace(/(^|[^\\])"/g, "$1")
    .replace(/\\"/g, '"')
    .replace(/^[[{\s]+|[\]}\s]+$/g, "")
    .replace(/\s+/g, " ");
}
