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

const WHOLE_LABEL = 300;

/** A label that was cut short ("Find the best ci…"), longer again if one of these texts has it. */
export function wholeLabel(label, texts) {
  if (!label.endsWith("…")) return label;
  const stem = label.slice(0, -1).trimEnd();
  for (const text of texts) {
    const line = plain(text).replace(/\s+/g, " ");
    const at = line.indexOf(stem);
    if (at < 0) continue;
    const whole = line.slice(at, at + WHOLE_LABEL).trimEnd();
    return at + WHOLE_LABEL < line.length ? `${whole}…` : whole;
  }
  return label;
}

// Labels of JSON are its values, one after the other.
function plain(text) {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return leaves(JSON.parse(text)).join(", ");
  } catch {
    return text;
  }
}

function leaves(value) {
  if (value === null || typeof value !== "object") return [value];
  return Object.values(value).flatMap(leaves);
}
