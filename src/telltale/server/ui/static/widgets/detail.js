/* The pane for the selected span: what it was, what went in and out, and the record itself. */

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { duration } from "../core/format.js";
import { spanOutcome } from "../core/outcome.js";
import { wholeLabel } from "../core/preview.js";
import { nameOf, t } from "../data/settings.js";
import { body } from "../data/span.js";
import { Conversation } from "./conversation.js";
import { Failure, Loss } from "./failure.js";
import { Facts, Links } from "./facts.js";
import { html } from "./html.js";
import { Icon, KindIcon } from "./icon.js";
import { Sign } from "./outcome.js";
import { ProblemNotice } from "./problem.js";
import { Raw } from "./raw.js";
import { Value } from "./value.js";

/** The tab that was chosen last; a span that lacks it shows its first. */
const wantedTab = signal("messages");

export function Detail({ row, asSheet, onClose }) {
  const { detail, problem, loading } = body.value;
  const pane = useRef(null);
  useEffect(() => {
    if (asSheet) pane.current?.focus();
  }, [asSheet]);
  useEffect(() => {
    const content = pane.current?.querySelector(".detail-scroll");
    if (content) content.scrollTop = 0;
  }, [detail?.span_id]);
  const role = asSheet ? { role: "dialog", "aria-modal": "true" } : {};
  return html`<section class="detail ${asSheet ? "sheet" : ""} ${loading ? "stale" : ""}" ref=${pane} tabindex="-1"
      aria-label=${t("detail.title")} aria-busy=${loading} ...${role}>
    ${row && html`<${Title} node=${row} label=${labelOf(row, body.value)} asSheet=${asSheet} onClose=${onClose} />`}
    ${content(row, detail, problem)}
  </section>`;
}

function content(row, detail, problem) {
  if (!row) return html`<p class="quiet detail-note">${t("detail.empty")}</p>`;
  if (row.group) return html`<${GroupNote} node=${row} />`;
  if (problem) return html`<${ProblemNotice} problem=${problem} />`;
  if (!detail) return html`<p class="quiet detail-note" role="status">${t("detail.loading")}</p>`;
  return html`<${Body} detail=${detail} />`;
}

/** The skeleton's label is cut to the outline's width; the span itself may have all of it. */
function labelOf({ row, group }, { ordinal, detail }) {
  if (group) return "";
  if (ordinal !== row.ordinal || !detail) return row.label;
  const { span } = detail;
  const said = [...(span.output_messages ?? []), ...(span.input_messages ?? [])].flatMap((message) => message.parts ?? []);
  const texts = [span.outputs, span.inputs, ...said.map((part) => part.content)];
  return wholeLabel(row.label, texts.filter((text) => typeof text === "string"));
}

function Title({ node, label, asSheet, onClose }) {
  const { row } = node;
  const how = node.group ? "ok" : spanOutcome(row);
  return html`<div class="detail-title">
    <${KindIcon} kind=${row.kind} />
    <h2 title=${nameOf(row)}>${nameOf(row)}${node.group && html`<span class="times">×${node.children.length}</span>`}</h2>
    ${label && html`<span class="label" title=${label}>${label}</span>`}
    <span class="room" />
    ${!node.group && html`<span class="outcome outcome-${how}"><${Sign} of=${how} /><span class="outcome-word">${t(`outcome.${how}`)}</span></span>`}
    ${asSheet && html`<button type="button" class="icon-button" onClick=${onClose} aria-label=${t("detail.close")}><${Icon} name="close" /></button>`}
  </div>`;
}

function GroupNote({ node }) {
  const { durations } = node;
  if (durations.length === 0) return null;
  const median = durations[Math.floor((durations.length - 1) / 2)];
  return html`<p class="quiet detail-note">${t("outline.group", { min: duration(durations[0]), max: duration(durations.at(-1)), median: duration(median) })}</p>`;
}

function Body({ detail }) {
  const { span } = detail;
  const tabs = tabsOf(detail);
  const current = tabs.includes(wantedTab.value) ? wantedTab.value : tabs[0];
  return html`<div class="detail-scroll" tabindex="0">
    <${Facts} detail=${detail} />
    <${Links} links=${detail.raw.links} />
    <${Failure} detail=${detail} />
    <${Loss} detail=${detail} />
    <${Tabs} tabs=${tabs} current=${current} />
    <div role="tabpanel" id="panel" class="panel" aria-labelledby="tab-${current}">
      ${current === "messages" && html`<${Conversation} span=${span} key=${detail.span_id} />`}
      ${current === "io" && html`<${InputOutput} span=${span} key=${detail.span_id} />`}
      ${current === "raw" && html`<${Raw} detail=${detail} key=${detail.span_id} />`}
    </div>
  </div>`;
}

/** Only what has something in it. What was recorded can always be looked at. */
function tabsOf({ span }) {
  const said = (span.input_messages?.length ?? 0) + (span.output_messages?.length ?? 0) > 0;
  const passed = (span.inputs ?? null) !== null || (span.outputs ?? null) !== null;
  return [said && "messages", passed && "io", "raw"].filter(Boolean);
}

function Tabs({ tabs, current }) {
  const press = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(current) + step + tabs.length) % tabs.length];
    wantedTab.value = next;
    requestAnimationFrame(() => document.getElementById(`tab-${next}`)?.focus());
  };
  return html`<div class="tabs" role="tablist" aria-label=${t("detail.title")} onKeyDown=${press}>
    ${tabs.map((name) => html`<button type="button" key=${name} role="tab" id="tab-${name}" aria-controls="panel"
      aria-selected=${name === current} tabindex=${name === current ? 0 : -1}
      onClick=${() => (wantedTab.value = name)}>${t(`detail.tab.${name}`)}</button>`)}
  </div>`;
}

function InputOutput({ span }) {
  return html`
    ${(span.inputs ?? null) !== null && html`<${Value} title=${t("detail.input")} text=${span.inputs} />`}
    ${(span.outputs ?? null) !== null && html`<${Value} title=${t("detail.output")} text=${span.outputs} />`}
    ${(span.outputs ?? null) === null && span.state === "running" && html`<p class="quiet">${t("detail.nothing.running")}</p>`}`;
}
