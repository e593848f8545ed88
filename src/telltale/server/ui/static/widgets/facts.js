/* What is known of a span in numbers and names, and the traces it points to. */

import { duration, exact, exactCost, growing, lasted, moment } from "../core/format.js";
import { traceAddress } from "../core/route.js";
import { MODEL_KINDS } from "../core/tree.js";
import { now, useClock } from "../data/clock.js";
import { follow, mount, place } from "../data/place.js";
import { language, t } from "../data/settings.js";
import { trace } from "../data/trace.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

export function Facts({ detail }) {
  const { span } = detail;
  return html`<dl class="facts">
    <${ModelFact} span=${span} />
    <${Fact} name="provider" value=${span.provider} />
    ${span.kind !== "agent" && html`<${Fact} name="agent" value=${span.agent} />`}
    ${span.kind === "tool" && span.tool !== span.name && html`<${Fact} name="tool" value=${span.tool} />`}
    <${DurationFact} detail=${detail} />
    <${StartFact} detail=${detail} />
    <${TokensFact} usage=${span.usage} />
    <${CostFact} detail=${detail} />
    <${Fact} name="finish" value=${finish(span)} />
  </dl>`;
}

function Fact({ name, value, title, note }) {
  if (value === null || value === undefined || value === "") return null;
  return html`<div class="fact fact-${name}" title=${title}>
    <dt>${t(`fact.${name}`)}</dt>
    <dd>${value}${note && html`<span class="fact-note">${note}</span>`}</dd>
  </div>`;
}

function ModelFact({ span }) {
  const asked = span.requested_model;
  const note = asked && span.model && asked !== span.model ? t("fact.model.asked", { model: asked }) : null;
  return html`<${Fact} name="model" value=${span.model ?? asked} note=${note} />`;
}

function DurationFact({ detail }) {
  const open = detail.span.state === "running";
  useClock(open);
  const value = open ? growing(now.value - detail.start_us) : lasted(detail.duration_us, detail.span.state);
  return html`<${Fact} name="duration" value=${value} />`;
}

function StartFact({ detail }) {
  const offset = trace.value ? detail.start_us - trace.value.start_us : 0;
  const note = offset > 0 ? t("fact.offset", { offset: duration(offset) }) : null;
  return html`<${Fact} name="start" value=${moment(detail.start_us, language.value)} note=${note} />`;
}

function TokensFact({ usage }) {
  if (!usage) return null;
  const part = (key, count) => (count > 0 ? t(`fact.tokens.${key}`, { n: exact(count, language.value) }) : null);
  const parts = [
    t("fact.tokens.in", { n: exact(usage.input_tokens ?? 0, language.value) }),
    part("cached", usage.cache_read_tokens),
    part("written", usage.cache_write_tokens),
    t("fact.tokens.out", { n: exact(usage.output_tokens ?? 0, language.value) }),
    part("reasoning", usage.reasoning_tokens),
  ].filter(Boolean);
  return html`<${Fact} name="tokens" value=${parts.join(" · ")} />`;
}

/** A model call always says what it cost, even if only that this is not known. */
function CostFact({ detail }) {
  const { span } = detail;
  if (detail.cost_usd === null && (!MODEL_KINDS.has(span.kind) || span.state === "running")) return null;
  if (detail.cost_usd === null) return html`<${Fact} name="cost" value=${t("fact.cost.unknown")} title=${t("column.cost.unknown")} />`;
  return html`<${Fact} name="cost" value=${exactCost(detail.cost_usd)} title="$${detail.cost_usd}" note=${span.cost?.price_ref} />`;
}

function finish(span) {
  return (span.output_messages ?? []).map((message) => message.finish_reason).filter(Boolean).join(", ");
}

/** Traces that this span points to: `telltale.link` says in which role. */
export function Links({ links = [] }) {
  if (links.length === 0) return null;
  return html`<ul class="links" aria-label=${t("detail.links")}>
    ${links.map((link) => html`<li key=${link.trace_id + link.span_id}>
      <a href=${traceAddress(mount, link.trace_id, place.value, link.span_id)} onClick=${follow}><${Icon} name="link" />${linkName(link)}</a>
    </li>`)}
  </ul>`;
}

function linkName(link) {
  const name = link.attributes?.["telltale.link"];
  return name ? t("detail.link", { name }) : t("detail.link.unnamed");
}
