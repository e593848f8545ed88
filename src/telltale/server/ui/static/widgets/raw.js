/* The record as it was reported: every attribute, every event, the process it came from. */

import { asStructure } from "../core/conversation.js";
import { duration } from "../core/format.js";
import { t } from "../data/settings.js";
import { CopyButton } from "./copy.js";
import { html } from "./html.js";
import { Json } from "./json.js";

export function Raw({ detail }) {
  const { raw } = detail;
  return html`
    <${Table} title=${t("raw.attributes")} entries=${Object.entries(raw.attributes)} />
    ${(raw.events ?? []).map((event, i) => html`<${Table} key=${i} title="${t("raw.events")} · ${event.name} · +${duration(event.time_us - detail.start_us)}"
      entries=${Object.entries(event.attributes ?? {})} />`)}
    <${Table} title=${t("raw.span")} entries=${spanFacts(detail)} />
    <${Table} title=${t("raw.resource")} entries=${Object.entries(raw.resource ?? {})} />`;
}

function spanFacts({ span_id, parent_id, span, raw }) {
  return [
    [t("raw.span.id"), span_id],
    [t("raw.span.parent"), parent_id],
    [t("raw.span.name"), raw.name],
    [t("raw.span.kind"), raw.span_kind],
    [t("raw.span.scope"), raw.scope],
    [t("raw.span.dialect"), span.dialect],
    [t("raw.span.message"), raw.status_message],
  ].filter(([, value]) => value);
}

function Table({ title, entries }) {
  if (entries.length === 0) return null;
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return html`<section class="raw">
    <h3>${title}</h3>
    <table>
      <tbody>${sorted.map(([name, value]) => html`<tr key=${name}>
        <th scope="row">${name}</th>
        <td><${Cell} value=${value} /></td>
        <td class="raw-copy"><${CopyButton} text=${asText(value)} label=${t("copy.value")} /></td>
      </tr>`)}</tbody>
    </table>
  </section>`;
}

function Cell({ value }) {
  const structure = typeof value === "string" ? asStructure(value) : value;
  return html`<${Json} value=${structure === undefined ? value : structure} />`;
}

function asText(value) {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
