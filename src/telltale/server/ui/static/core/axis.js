/* From time to place: the axis of a trace, its ticks, and the bars upon it. */

const STEPS = [1, 2, 5];

/** First start and last end; what is open ends now. */
export function extent(rows, now) {
  let start = Infinity;
  let end = -Infinity;
  for (const row of rows.values()) {
    start = Math.min(start, row.start);
    const last = row.duration !== null ? row.start + row.duration
      : row.state === "running" ? Math.max(now, row.start) : row.start;
    end = Math.max(end, last);
  }
  return start === Infinity ? { start: 0, length: 1 } : { start, length: Math.max(1, end - start) };
}

/** Left edge and width in percent. */
export function bar(row, axis, now) {
  const length = row.duration ?? (row.state === "running" ? Math.max(0, now - row.start) : 0);
  const left = clamp(((row.start - axis.start) / axis.length) * 100);
  const width = Math.min(100 - left, (length / axis.length) * 100);
  return { left, width: Math.max(0, width) };
}

/** Bars of many spans as few: what lies closer together than the eye can part becomes one. */
export function segments(rows, axis, now, apart = 3) {
  const merged = [];
  for (const row of rows) {
    const one = { ...bar(row, axis, now), row };
    const last = merged.at(-1);
    if (last && one.left - last.left - last.width < apart) {
      last.width = Math.max(last.width, one.left + one.width - last.left);
      if (row.status === "error") last.row = row;
    } else {
      merged.push(one);
    }
  }
  return merged;
}

/** Round moments inside the axis: [{at: percent, us}], at most `count`, zero included. */
export function ticks(length, count = 3) {
  const rough = length / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((s) => s * power >= rough) ?? 10) * power;
  const out = [];
  for (let us = 0; us < length; us += step) out.push({ at: (us / length) * 100, us });
  return out;
}

/** The length that a full bar of the list stands for: most fill it in part, few overflow. */
export function p95(durations) {
  const sorted = durations.filter((d) => d !== null).sort((a, b) => a - b);
  return sorted.length ? sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * 0.95) - 1)] : 1;
}

function clamp(percent) {
  return Math.min(100, Math.max(0, percent));
}
