/* From time to place: the axis of a trace, its ticks, and the bars upon it. */

import { duration } from "./format.js";

const STEPS = [1, 2, 5];
/** Above a minute, people count in parts of sixty: seconds of the steps that read well. */
const LONG_STEPS = [30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18_000, 36_000, 86_400].map((s) => s * 1e6);
const LAST_DECIMAL = 60e6;
const DAY = 86_400e6;
const MANY_TIMES = 4;
const MAX_MARKS = 3;
/** Of the scale's small type, on average, and what a label keeps from its neighbours. */
const LETTER_PX = 6.2;
const LABEL_APART_PX = 9;

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
  const long = length > 60e6 ? LONG_STEPS.find((s) => s >= rough) : undefined;
  const step = long ?? (STEPS.find((s) => s * power >= rough) ?? 10) * power;
  const out = [];
  for (let us = 0; us < length; us += step) out.push({ at: (us / length) * 100, us });
  return out;
}

/** Ticks of a column this wide: [{at, us, label, before}], as many as have room for their labels.

    `label` is null where it would reach its neighbour or leave the column; `before` says that it
    stands left of its tick, which only the last one's does. */
export function scale(length, widthPx) {
  for (let count = MAX_MARKS; count > 0; count--) {
    const marks = labelled(ticks(length, count), widthPx);
    const said = marks.filter(({ label }) => label !== null).length;
    if (said > 1 && said >= marks.length - 1) return marks;
  }
  // No room for each: the measure is told by the last alone.
  const [first, ...others] = ticks(length, MAX_MARKS);
  const ends = labelled([first, ...others.slice(-1)], widthPx);
  return [ends[0], ...others.slice(0, -1).map((mark) => ({ ...mark, label: null, before: false })), ...ends.slice(1)];
}

function labelled(marks, widthPx) {
  let taken = 0;
  return marks.map((mark, i) => {
    const text = scaleLabel(mark.us);
    const long = text.length * LETTER_PX + LABEL_APART_PX;
    const at = (mark.at / 100) * widthPx;
    const isLast = i === marks.length - 1;
    const end = isLast ? widthPx : (marks[i + 1].at / 100) * widthPx;
    const after = at + long <= end;
    const before = !after && isLast && at - long >= taken;
    if (after) taken = at + long;
    return { ...mark, label: after || before ? text : null, before };
  });
}

/** A round number: "10 s" says no less than "10.0 s". "1:30" is a minute and a half. */
export function scaleLabel(us) {
  if (us === 0) return "0";
  const seconds = Math.round(us / 1e6);
  if (seconds < 60) return duration(us).replace(/(\.\d*?)0+(?= )/, "$1").replace(/\.(?= )/, "");
  const minutes = Math.floor(seconds / 60);
  if (seconds % 60) return `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")} h` : `${minutes / 60} h`;
}

/** The length that a full bar of the list stands for, a round one: that of the longest, or of most
    where few are many times as long. */
export function fullBar(durations) {
  const sorted = durations.filter((d) => d !== null).sort((a, b) => a - b);
  if (sorted.length === 0) return 1;
  const most = sorted[Math.ceil(sorted.length * 0.95) - 1];
  const longest = sorted.at(-1);
  return roundUp(Math.max(1, longest <= most * MANY_TIMES ? longest : most));
}

function roundUp(us) {
  if (us > LAST_DECIMAL) return LONG_STEPS.find((step) => step >= us) ?? Math.ceil(us / DAY) * DAY;
  const power = 10 ** Math.floor(Math.log10(us));
  return Math.min(LAST_DECIMAL, (STEPS.find((step) => step * power >= us) ?? 10) * power);
}

function clamp(percent) {
  return Math.min(100, Math.max(0, percent));
}
