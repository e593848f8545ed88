/* The head of the list: its columns, and the order that some of them can give it. Where the rows are
   cards there are no columns, so there the orders are a choice of their own. */

import { scaleLabel } from "../core/axis.js";
import { orderAfter, ORDERS } from "../core/order.js";
import { listAddress } from "../core/route.js";
import { go, mount, place } from "../data/place.js";
import { t } from "../data/settings.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

const NUMERIC = new Set(["llm", "tools", "tokens", "cost"]);
const SORTS = { started: "start", duration: "duration", tokens: "tokens", cost: "cost" };
const DIRECTIONS = { asc: "ascending", desc: "descending" };

/** `columns` as `columnWidths` answers them; `scale`: what a full bar of duration stands for, in µs. */
export function GridHead({ columns, scale }) {
  const shown = ["status", "name", "input", columns.session && "session", columns.user && "user", columns.tags && "tags",
    "started", "duration", "llm", "tools", "tokens", "cost"].filter(Boolean);
  const title = { llm: t("column.llm.title"), tools: t("column.tools.title") };
  return html`<div role="rowgroup" class="grid-head">
    <div role="row" class="grid-head-row" aria-rowindex="1">
      ${shown.map((name) => html`<div key=${name} role="columnheader" title=${title[name]} aria-sort=${directionOf(name)}
        class="cell-${name} ${NUMERIC.has(name) ? "number" : ""}">
        ${name in SORTS ? html`<${SortButton} column=${name} />` : t(`column.${name}`)}
        ${name === "duration" && scale > 1 && html`<${FullBar} scale=${scale} />`}</div>`)}
    </div>
  </div>`;
}

function directionOf(name) {
  if (!(name in SORTS)) return undefined;
  return place.value.sort === SORTS[name] ? DIRECTIONS[place.value.order] : "none";
}

function SortButton({ column }) {
  const { sort, order } = place.value;
  const isSorted = sort === SORTS[column];
  const wanted = orderAfter(place.value, SORTS[column]);
  return html`<button type="button" class="sort ${isSorted ? "sorted" : ""}" onClick=${() => sortBy(wanted)} title=${orderName(wanted)}>
    <span>${t(`column.${column}`)}</span><${Icon} name=${(isSorted ? order : wanted.order) === "asc" ? "up" : "down"} /></button>`;
}

function FullBar({ scale }) {
  const length = scaleLabel(scale);
  return html`<span class="meter-scale" title=${t("column.duration.scale", { length })}>${length}</span>`;
}

export function SortChoice() {
  const current = ORDERS.findIndex(({ sort, order }) => sort === place.value.sort && order === place.value.order);
  return html`<label class="sort-choice">
    <select value=${String(current)} onChange=${(event) => sortBy(ORDERS[event.target.value])} aria-label=${t("sort.label")}>
      ${ORDERS.map((one, i) => html`<option key=${i} value=${String(i)} selected=${i === current}>${orderName(one)}</option>`)}
    </select>
    <${Icon} name="down" />
  </label>`;
}

export function orderName({ sort, order }) {
  return t(`sort.${sort}.${order}`);
}

function sortBy(wanted) {
  go(listAddress(mount, { ...place.value, ...wanted }));
}
