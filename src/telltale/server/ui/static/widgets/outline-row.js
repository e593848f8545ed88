/* One line of the outline. */

import { segments } from "../core/axis.js";
import { cost, duration, growing, lasted, tokens } from "../core/format.js";
import { spanOutcome } from "../core/outcome.js";
import { MODEL_KINDS } from "../core/tree.js";
import { now } from "../data/clock.js";
import { nameOf, t } from "../data/settings.js";
import { html } from "./html.js";
import { Icon, KindIcon } from "./icon.js";
import { Sign } from "./outcome.js";

export function OutlineRow({ id, row, index, top, axis, isSelected, onSelect, onFold }) {
  const { node, depth, open } = row;
  const how = node.group ? (node.running ? "running" : "ok") : spanOutcome(node.row);
  const foldable = node.children.length > 0;
  return html`<div role="row" id=${id} class="row row-${how} ${isSelected ? "selected" : ""} ${node.group ? "row-group" : ""}"
      aria-level=${depth + 1} aria-setsize=${row.setSize} aria-posinset=${row.position} aria-rowindex=${index + 2}
      aria-expanded=${foldable ? String(open) : undefined} aria-selected=${isSelected}
      style=${{ transform: `translateY(${top}px)`, "--depth": depth }} onClick=${() => onSelect(node.key)}>
    <div role="gridcell" class="tree-name">
      <${Twisty} foldable=${foldable} open=${open} onFold=${() => onFold(node.key, !open)} />
      <${KindIcon} kind=${node.row.kind} />
      <${Name} node=${node} />
      <${Signs} node=${node} how=${how} open=${open} />
    </div>
    <${Measures} node=${node} how=${how} axis=${axis} />
  </div>`;
}

// Not a button: the row says that it can be unfolded, and the keys do it. It is a mouse's handle.
function Twisty({ foldable, open, onFold }) {
  if (!foldable) return html`<span class="twisty" />`;
  const press = (event) => {
    event.stopPropagation();
    onFold();
  };
  return html`<span class="twisty can ${open ? "open" : ""}" onClick=${press}><${Icon} name="chevron" /></span>`;
}

function Name({ node }) {
  const { row } = node;
  if (node.group) {
    return html`<span class="name">${nameOf(row)}</span><span class="times">×${node.children.length}</span><${Spread} durations=${node.durations} />`;
  }
  const whole = [nameOf(row), row.label, node.role && `→ ${node.role}`].filter(Boolean).join(" · ");
  return html`<span class="words" title=${whole}>
    ${node.turn !== null && html`<span class="turn-number">#${node.turn}</span>`}
    <span class="name">${nameOf(row)}</span>
    ${row.label && html`<span class="label ${row.kind === "task" ? "said-so" : ""}">${row.label}</span>`}
    ${node.role && html`<span class="role">→ ${node.role}</span>`}
  </span>`;
}

function Spread({ durations }) {
  if (durations.length === 0) return null;
  const median = durations[Math.floor((durations.length - 1) / 2)];
  const text = t("outline.group", { min: duration(durations[0]), max: duration(durations.at(-1)), median: duration(median) });
  return html`<span class="label" title=${text}>${text}</span>`;
}

/** Failed, lost or running; and how many failed inside, on every ancestor. */
function Signs({ node, how, open }) {
  const own = !node.group && node.row.status === "error" ? 1 : 0;
  const below = node.errors - own;
  return html`
    ${node.adrift && html`<span class="adrift" title=${t("outline.adrift")}><${Icon} name="link" /><span class="off-screen">${t("outline.adrift")}</span></span>`}
    ${how !== "ok" && html`<span class="row-sign" title=${t(`outcome.${how}`)}><${Sign} of=${how} /><span class="off-screen">${t(`outcome.${how}`)}</span></span>`}
    ${below > 0 && html`<span class="below ${open ? "quietly" : ""}" title=${t("outline.errors.below", { n: below })}>
      <${Icon} name="warn" /><span aria-hidden="true">${below}</span><span class="off-screen">${t("outline.errors.below", { n: below })}</span></span>`}`;
}

function Measures({ node, how, axis }) {
  const { row } = node;
  const clock = node.running ? now.value : 0;
  const lasts = node.group ? null : how === "running" ? growing(clock - row.start) : lasted(row.duration, row.state);
  const rollup = !MODEL_KINDS.has(row.kind) || node.group;
  return html`
    <div role="gridcell" class="tree-duration number">${lasts}</div>
    <div role="gridcell" class="tree-bar">
      ${segments(node.group ? node.children.map((child) => child.row) : [row], axis, clock).map((one, i) => html`<${Bar} key=${i} segment=${one} />`)}
    </div>
    <div role="gridcell" class="tree-tokens number ${rollup ? "rollup" : ""}">${tokensOf(node)}</div>
    <div role="gridcell" class="tree-cost number ${rollup ? "rollup" : ""}"
      title=${node.unpriced > 0 ? t("outline.cost.unpriced", { n: node.unpriced }) : undefined}>${costOf(node, rollup)}</div>`;
}

// Blank where no model was called; a dash where none of the calls told its tokens.
function tokensOf(node) {
  return node.tokens === null && node.uncounted === 0 ? null : tokens(node.tokens);
}

// Blank where no model was called; a dash where one was, at an unknown price.
function costOf(node, rollup) {
  if (node.costUsd === null && node.unpriced === 0) return null;
  return cost(node.costUsd, rollup ? node.unpriced : 0);
}

function Bar({ segment: { left, width, row } }) {
  return html`<span class="bar bar-${spanOutcome(row)} bar-${row.kind}" style=${{ left: `${left.toFixed(2)}%`, width: `${width.toFixed(2)}%` }} />`;
}
