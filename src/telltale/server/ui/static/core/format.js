/* Numbers as people read them: three significant digits, units always shown.

   Unknown is never shown as zero: every function answers UNKNOWN for null. */

export const UNKNOWN = "–";

/** 1234567 → "1.23M". Below a thousand the number itself. */
export function tokens(count) {
  if (count === null || count === undefined) return UNKNOWN;
  if (count < 1000) return String(count);
  for (const [unit, size] of [["k", 1e3], ["M", 1e6], ["G", 1e9]]) {
    const digits = threeDigits(count / size);
    // 999,900 would read "1000k"; the next unit says it better.
    if (Number(digits) < 1000) return digits + unit;
  }
  return String(count);
}

/** Microseconds → "812 µs", "62.1 ms", "1.24 s", "3 min 12 s", "1 h 04 min". */
export function duration(us) {
  if (us === null || us === undefined) return UNKNOWN;
  if (us < 0) return "−" + duration(-us);
  if (us < 999.5) return `${Math.round(us)} µs`;
  if (us < 999_500) return `${threeDigits(us / 1e3)} ms`;
  if (us < 59_950_000) return `${threeDigits(us / 1e6)} s`;
  const seconds = Math.round(us / 1e6);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** How long something lasted. What was lost was last heard of then, and may have gone on. */
export function lasted(us, state) {
  return state === "lost" && us !== null && us !== undefined ? `≥ ${duration(us)}` : duration(us);
}

/** What is still growing is shown in whole tenths, so that the digits do not flicker. */
export function growing(us) {
  return us < 59_950_000 ? `${(Math.max(0, us) / 1e6).toFixed(1)} s` : duration(us);
}

/** US dollars, a number or a decimal string → "$0.000412". `unpriced` calls make it a bound. */
export function cost(usd, unpriced = 0) {
  if (usd === null || usd === undefined) return UNKNOWN;
  const value = Number(usd);
  if (unpriced > 0) return `≥ ${dollars(value)}`;
  // A row of zeros cannot be read; the detail has the whole number.
  return value > 0 && value < 1e-6 ? "< $0.000001" : dollars(value);
}

/** As `cost`, however small. */
export function exactCost(usd) {
  return usd === null || usd === undefined ? UNKNOWN : dollars(Number(usd));
}

function dollars(value) {
  return value === 0 ? "$0" : `$${plain(value)}`;
}

/** Characters as a size: "18 KB". Close enough to bytes for a button's label. */
export function size(characters) {
  if (characters < 1000) return `${characters} B`;
  if (characters < 1e6) return `${threeDigits(characters / 1e3)} KB`;
  return `${threeDigits(characters / 1e6)} MB`;
}

/** All digits, grouped as the language groups them. */
export function exact(count, language) {
  if (count === null || count === undefined) return UNKNOWN;
  return new Intl.NumberFormat(language).format(count);
}

/** When something started, relative to today: the time alone, or the day with it. */
export function started(us, language, now = Date.now()) {
  const then = new Date(us / 1e3);
  const sameDay = then.toDateString() === new Date(now).toDateString();
  const sameYear = then.getFullYear() === new Date(now).getFullYear();
  const time = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  const day = { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const year = { year: "numeric", month: "short", day: "numeric" };
  return formatter(language, sameDay ? time : sameYear ? day : year).format(then);
}

/** The whole moment with its milliseconds, for a tooltip or a detail. */
export function moment(us, language) {
  return formatter(language, {
    year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit",
    second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23", timeZoneName: "short",
  }).format(new Date(us / 1e3));
}

const formatters = new Map();

// Making a DateTimeFormat costs some 50 µs, formatting 1 µs; a list makes hundreds.
function formatter(language, options) {
  const key = language + JSON.stringify(options);
  if (!formatters.has(key)) formatters.set(key, new Intl.DateTimeFormat(language, options));
  return formatters.get(key);
}

function threeDigits(value) {
  if (value >= 99.95) return String(Math.round(value));
  return value.toFixed(value >= 9.995 ? 1 : 2);
}

// Halves go up, as decimals stand: as a binary float 0.00007515 is a little less, and the command
// line, which has the exact figure, would say another one. toPrecision would also write 4e-7.
function plain(value) {
  // A sum of floats has noise behind its fifteenth digit.
  const [mantissa, exponent] = Number(value.toPrecision(15)).toExponential().split("e");
  const power = Number(exponent);
  // Three digits, all before the point, and at most twelve behind it.
  const kept = Math.max(1, Math.min(Math.max(3, power + 1), power + 13));
  const all = mantissa.replace(".", "").padEnd(kept + 1, "0");
  let decimals = kept - 1 - power;
  let digits = String(Number(all.slice(0, kept)) + (all[kept] >= "5" ? 1 : 0));
  // 9.996 has become 10.00.
  if (digits.length > kept && decimals > 0) {
    digits = digits.slice(0, -1);
    decimals -= 1;
  }
  if (decimals === 0) return digits;
  digits = digits.padStart(decimals + 1, "0");
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

function two(number) {
  return String(number).padStart(2, "0");
}
