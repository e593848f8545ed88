/* The outline: the crew's structure as a tree of lines on one axis of time. */

import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { extent, scale } from "../core/axis.js";
import { exact } from "../core/format.js";
import { now } from "../data/clock.js";
import { language, t } from "../data/settings.js";
import { failed, rows, running, selected, setAllFolds, setFold } from "../data/trace.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { OutlineRow } from "./outline-row.js";
import { useMedia, useVirtual, useWidth } from "./virtual.js";

const ROW_PX = 26;
const TOUCH_ROW_PX = 44;
const HEAD_PX = 24;
/** Below this, rows are as tall as a finger. The style sheet has the same figure. */
const TOUCH = "(max-width: 479px)";

export function Outline({ list, at, show, onSelect, onError }) {
  const touch = useMedia(TOUCH);
  const rowHeight = touch ? TOUCH_ROW_PX : ROW_PX;
  const head = touch ? 0 : HEAD_PX;
  const virtual = useVirtual({ count: list.length, rowHeight, above: head });
  show.current = virtual.show;
  // While nothing runs the axis stands still, so the clock need not be asked.
  const clock = running.value ? now.value : 0;
  const axis = useMemo(() => extent(rows.value, clock), [rows.value, clock]);
  const deepest = useMemo(() => list.reduce((most, { depth }) => Math.max(most, depth), 0), [list]);
  const { first, last, frame } = virtual;
  useEffect(() => {
    if (at >= 0) virtual.show(at);
  }, [selected.value]);
  useLayoutEffect(() => frame.current?.focus({ preventScroll: true }), []);

  const active = at >= first && at < last ? rowId(list[at].node) : undefined;
  return html`<section class="outline" aria-label=${t("outline.title")}>
    <${Tools} onError=${onError} />
    <div class="tree" role="treegrid" tabindex="0" ref=${frame} aria-label=${t("outline.title")}
        aria-rowcount=${list.length + 1} aria-activedescendant=${active}>
      <${Head} axis=${axis} />
      <div role="rowgroup" class="tree-rows" style=${{ height: `${list.length * rowHeight}px`, "--deepest": deepest }}>
        ${list.slice(first, last).map((row, i) => html`<${OutlineRow} key=${row.node.key} id=${rowId(row.node)} row=${row}
          index=${first + i} top=${(first + i) * rowHeight} axis=${axis} isSelected=${row.node.key === selected.value}
          onSelect=${onSelect} onFold=${setFold} />`)}
      </div>
    </div>
  </section>`;
}

// A group's key holds a colon, which an id may, but a selector would have to escape.
function rowId(node) {
  return `row-${node.key.replace(":", "-")}`;
}

function Tools({ onError }) {
  const errors = failed.value.length;
  return html`<div class="outline-tools">
    <h2>${t("outline.title")}</h2>
    <span class="quiet">${t("outline.spans", { n: rows.value.size, count: exact(rows.value.size, language.value) })}</span>
    ${errors > 0 && html`<span class="error-steps">
      <button type="button" class="icon-button" onClick=${() => onError(-1)} aria-label=${t("outline.previousError")} title="${t("outline.previousError")} (N)"><${Icon} name="up" /></button>
      <span class="error-count">${t("errors", { n: errors })}</span>
      <button type="button" class="icon-button" onClick=${() => onError(1)} aria-label=${t("outline.nextError")} title="${t("outline.nextError")} (n)"><${Icon} name="down" /></button>
    </span>`}
    <span class="room" />
    <button type="button" class="icon-button" onClick=${() => setAllFolds(true)} aria-label=${t("outline.unfoldAll")} title="${t("outline.unfoldAll")} (⇧ →)"><${Icon} name="unfold" /></button>
    <button type="button" class="icon-button" onClick=${() => setAllFolds(false)} aria-label=${t("outline.foldAll")} title="${t("outline.foldAll")} (⇧ ←)"><${Icon} name="fold" /></button>
  </div>`;
}

function Head({ axis }) {
  const bar = useRef(null);
  const width = useWidth(bar);
  return html`<div role="rowgroup" class="tree-head">
    <div role="row" class="tree-head-row" aria-rowindex="1">
      <div role="columnheader" class="tree-name">${t("outline.column.span")}</div>
      <div role="columnheader" class="tree-duration number">${t("column.duration")}</div>
      <div role="columnheader" class="tree-bar" ref=${bar} aria-label=${t("outline.column.timeline")}>
        ${scale(axis.length, width).map(({ at, us, label, before }) => html`<span key=${us} class="tick ${before ? "before" : ""}" style=${{ left: `${at.toFixed(2)}%` }}>${label}</span>`)}
      </div>
      <div role="columnheader" class="tree-tokens number">${t("column.tokens")}</div>
      <div role="columnheader" class="tree-cost number">${t("column.cost")}</div>
    </div>
  </div>`;
}
