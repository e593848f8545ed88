/* The head of a trace: what it was, how it went, and its figures. */

import { cost, duration, exact, growing, lasted, moment, tokens } from "../core/format.js";
import { lastHeard, outcome } from "../core/outcome.js";
import { listAddress } from "../core/route.js";
import { traceTokens } from "../core/traces.js";
import { now } from "../data/clock.js";
import { follow, mount, place } from "../data/place.js";
import { language, nameOf, t } from "../data/settings.js";
import { CopyButton } from "./copy.js";
import { html } from "./html.js";
import { Icon, KindIcon } from "./icon.js";
import { Outcome } from "./outcome.js";
import { Tags, tokensTitle } from "./trace-row.js";

export function TraceHeader({ trace }) {
  return html`<header class="trace-head outcome-edge-${outcome(trace)}">
    <div class="trace-title">
      <a class="back" href=${listAddress(mount, place.value)} onClick=${follow} title=${t("trace.back.title")}><${Icon} name="back" />${t("trace.back")}</a>
      <h1 title=${nameOf(trace)}><${KindIcon} kind=${trace.kind} /><span>${nameOf(trace)}</span></h1>
      <${Outcome} trace=${trace} />
      <span class="trace-id"><code>${trace.trace_id}</code><${CopyButton} text=${trace.trace_id} label=${t("copy.id")} /></span>
    </div>
    ${trace.state === "lost" && html`<${LostNote} trace=${trace} />`}
    <${Figures} trace=${trace} />
  </header>`;
}

function LostNote({ trace }) {
  const heard = lastHeard(trace.state, trace.start_us, trace.duration_us);
  return html`<p class="trace-note">
    <span>${t("outcome.lost.title")}</span>
    ${heard !== null && html`<span>${t("outcome.lost.heard", { moment: moment(heard, language.value) })}</span>`}
  </p>`;
}

function Figures({ trace }) {
  const { cache_read_tokens = 0 } = trace.usage ?? {};
  const lasts = trace.duration_us !== null ? lasted(trace.duration_us, trace.state)
    : trace.state === "running" ? growing(now.value - trace.start_us) : duration(null);
  const unpriced = trace.unpriced_calls > 0 ? t("column.cost.unpriced", { n: trace.unpriced_calls }) : undefined;
  return html`<dl class="figures">
    <${Figure} name="duration" value=${lasts} />
    <${Figure} name="llm" value=${exact(trace.llm_calls, language.value)} />
    <${Figure} name="tools" value=${exact(trace.tool_calls, language.value)} />
    <${Figure} name="tokens" value=${tokens(traceTokens(trace))} title=${tokensTitle(trace)}
      note=${cache_read_tokens > 0 && t("trace.cached", { n: tokens(cache_read_tokens) })} />
    <${Figure} name="cost" value=${cost(trace.cost_usd, trace.unpriced_calls)} title=${trace.cost_usd === null ? t("column.cost.unknown") : unpriced} />
    <${Figure} name="started" value=${moment(trace.start_us, language.value)} />
    ${trace.session && html`<${Figure} name="session" value=${trace.session} />`}
    ${trace.user && html`<${Figure} name="user" value=${trace.user} />`}
    ${Object.keys(trace.tags ?? {}).length > 0 && html`<div class="figure figure-tags"><dt>${t("column.tags")}</dt><dd><${Tags} tags=${trace.tags} /></dd></div>`}
  </dl>`;
}

function Figure({ name, value, note, title }) {
  return html`<div class="figure figure-${name}" title=${title}>
    <dt>${t(`trace.${name}`)}</dt>
    <dd>${value}${note && html`<span class="figure-note">${note}</span>`}</dd>
  </div>`;
}
