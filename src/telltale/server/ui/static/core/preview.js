/* One line that tells traces apart. JSON loses its signs, which say nothing at a glance. */

// The last string may be without its end, where the text was cut short.
const TOKEN = /"(?:[^"\\]|\\.)*("|\\?$)|[[\]{}:,]|[^\s"[\]{}:,]+/g;
const SOUND_STRING = /^"(?:[^"\\]|\\["\\/bfnrt]|\\u[\da-fA-F]{4})*/;
/** Numbers and words of JSON, or the beginnings of such. */
const LITERAL = /^(?:-?[\d.eE+-]*|t(?:r(?:ue?)?)?|f(?:a(?:l(?:se?)?)?)?|n(?:u(?:ll?)?)?)…?$/;
const CLOSER = { "[": "]", "{": "}" };

/** `{"origin": "California", "n": 2}` → `origin: California, n: 2`, also where it was cut short.

    A text that only begins like JSON stays as it is. */
export function preview(text) {
  const trimmed = text.trim();
  if (!/^[[{]/.test(trimmed)) return text;
  const tokens = [...trimmed.matchAll(TOKEN)].map(([token, end]) => (end === "" || end === "\\" ? closed(token) : token));
  return isJson(trimmed) || isBeginning(tokens) ? words(tokens) : text;
}

// Half an escape goes; the sign of the cut stays.
function closed(string) {
  const [sound] = SOUND_STRING.exec(string);
  return `${sound}${string.endsWith("…") && !sound.endsWith("…") ? "…" : ""}"`;
}

/** Whether these tokens can be completed to JSON. Without a string there is too little to tell. */
function isBeginning(tokens) {
  if (!tokens.some((token) => token.startsWith('"'))) return false;
  const open = [];
  for (const token of tokens) {
    if (token in CLOSER) open.unshift(CLOSER[token]);
    else if (token === "]" || token === "}") open.shift();
  }
  const last = tokens.at(-1);
  const kept = LITERAL.test(last) ? tokens.slice(0, -1) : tokens;
  const body = kept.join(" ") + (kept === tokens || last === "…" ? "" : " 0");
  return ["", ":0", "0", '"":0'].some((end) => isJson(body + end + open.join("")));
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function words(tokens) {
  let line = "";
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (token === ":" || token === ",") line += `${token} `;
    else if (token in CLOSER && tokens[i + 1] === CLOSER[token]) line += token + tokens[++i];
    else if (token.startsWith('"')) line += JSON.parse(token);
    else if (!/^[[\]{}]$/.test(token)) line += token;
  }
  return line.replace(/\s+/g, " ").trim();
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
