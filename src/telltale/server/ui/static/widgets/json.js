/* A JSON value as a tree. What is short stands on one line; what is deep opens on request. */

import { useState } from "preact/hooks";
import { clip } from "../core/clip.js";
import { size } from "../core/format.js";
import { t } from "../data/settings.js";
import { html } from "./html.js";

const OPEN_DEPTH = 2;
const ONE_LINE = 64;
/** An embedding has thousands of numbers; nobody reads them all. */
const PAGE = 50;

export function Json({ value }) {
  return html`<div class="json"><${Node} value=${value} depth=${0} /></div>`;
}

function Node({ value, depth, name }) {
  const label = name === undefined ? null : html`<span class="json-key">${name}</span>`;
  if (value === null || typeof value !== "object") return html`<div class="json-line">${label}<${Leaf} value=${value} /></div>`;
  if (isShort(value)) return html`<div class="json-line">${label}<code class="json-inline">${inline(value)}</code></div>`;
  return html`<${Branch} value=${value} depth=${depth} label=${label} />`;
}

function Branch({ value, depth, label }) {
  const [open, setOpen] = useState(depth < OPEN_DEPTH);
  const [shown, setShown] = useState(PAGE);
  const list = Array.isArray(value);
  const entries = Object.entries(value);
  const count = t(list ? "json.items" : "json.keys", { n: entries.length });
  const children = () => html`<div class="json-children">
    ${entries.slice(0, shown).map(([key, child]) => html`<${Node} key=${key} name=${key} value=${child} depth=${depth + 1} />`)}
    ${entries.length > shown && html`<button type="button" class="clip-button" onClick=${() => setShown(shown + PAGE * 4)}>
      ${t("json.more", { n: entries.length - shown })}</button>`}
  </div>`;
  // The outermost has nothing to fold it into.
  if (label === null) return children();
  return html`<div class="json-branch">
    <button type="button" class="json-fold ${open ? "open" : ""}" aria-expanded=${open} onClick=${() => setOpen(!open)}>
      <span class="json-twisty" />${label}<span class="json-count">${list ? "[" : "{"}${count}${list ? "]" : "}"}</span></button>
    ${open && children()}
  </div>`;
}

function Leaf({ value }) {
  const [whole, setWhole] = useState(false);
  if (typeof value !== "string") return html`<code class="json-${value === null ? "null" : typeof value}">${String(value)}</code>`;
  const cut = clip(value);
  return html`<span class="json-string">${whole ? value : cut.text}</span>
    ${cut.clipped && html`<button type="button" class="clip-button" aria-expanded=${whole} onClick=${() => setWhole(!whole)}>
      ${whole ? t("text.less") : t("text.all", { size: size(value.length) })}</button>`}`;
}

function isShort(value) {
  const entries = Object.values(value);
  if (entries.length > 8 || entries.some((child) => child !== null && typeof child === "object")) return false;
  return inline(value).length <= ONE_LINE && (Array.isArray(value) || entries.length === 0);
}

function inline(value) {
  return JSON.stringify(value).replace(/,/g, ", ");
}
