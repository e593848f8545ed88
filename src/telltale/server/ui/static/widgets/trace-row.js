/* One trace in the list: a row of cells, which a narrow window lays out as a card. */

import { scaleLabel } from "../core/axis.js";
import { cost, exact, growing, lasted, moment, started, tokens } from "../core/format.js";
import { preview } from "../core/preview.js";
import { traceAddress } from "../core/route.js";
import { traceTokens } from "../core/traces.js";
import { now, useClock } from "../data/clock.js";
import { follow, go, mount, place } from "../data/place.js";
import { language, nameOf, t } from "../data/settings.js";
import { html } from "./html.js";
import { KindIcon } from "./icon.js";
import { Outcome } from "./outcome.js";

export function TraceRow({ trace, index, top, isChosen, isFresh, scale, columns, onChoose }) {
  const address = traceAddress(mount, trace.trace_id, place.value);
  const open = (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    onChoose(trace.trace_id);
    // Selecting text to copy it must not leave the page.
    if (String(getSelection())) return;
    if (!event.target.closest("a")) go(address);
  };
  return html`<div role="row" id="trace-${trace.trace_id}" class="trace-row ${isChosen ? "chosen" : ""} ${isFresh ? "fresh" : ""}"
      aria-rowindex=${index + 2} aria-selected=${isChosen} style=${{ transform: `translateY(${top}px)` }} onClick=${open}>
    <div role="gridcell" class="cell-status"><${Outcome} trace=${trace} /></div>
    <div role="gridcell" class="cell-name">
      <${KindIcon} kind=${trace.kind} />
      <a href=${address} tabindex="-1" title=${nameOf(trace)} onClick=${follow}>${nameOf(trace)}</a>
    </div>
    <div role="gridcell" class="cell-input" title=${trace.input}>${preview(trace.input)}</div>
    ${columns.session > 0 && html`<div role="gridcell" class="cell-session" title=${trace.session}>${trace.session}</div>`}
    ${columns.user > 0 && html`<div role="gridcell" class="cell-user" title=${trace.user}>${trace.user}</div>`}
    ${columns.tags > 0 && html`<div role="gridcell" class="cell-tags"><${Tags} tags=${trace.tags} /></div>`}
    <div role="gridcell" class="cell-started" title=${moment(trace.start_us, language.value)}>${started(trace.start_us, language.value)}</div>
    <${DurationCell} trace=${trace} scale=${scale} />
    <div role="gridcell" class="cell-llm number ${trace.llm_calls ? "" : "zero"}" data-unit=${t("card.llm")}>${exact(trace.llm_calls, language.value)}</div>
    <div role="gridcell" class="cell-tools number ${trace.tool_calls ? "" : "zero"}" data-unit=${t("card.tools")}>${exact(trace.tool_calls, language.value)}</div>
    <div role="gridcell" class="cell-tokens number" title=${tokensTitle(trace)} data-unit=${t("card.tokens")}>${tokens(traceTokens(trace))}</div>
    <div role="gridcell" class="cell-cost number" title=${costTitle(trace)}>${cost(trace.cost_usd, trace.unpriced_calls)}</div>
  </div>`;
}

function DurationCell({ trace, scale }) {
  const growingNow = trace.state === "running";
  useClock(growingNow);
  const us = trace.duration_us ?? (growingNow ? Math.max(0, now.value - trace.start_us) : null);
  const width = us === null ? 0 : Math.min(100, (us / scale) * 100);
  return html`<div role="gridcell" class="cell-duration ${growingNow ? "running" : ""}">
    <span class="number">${growingNow ? growing(us) : lasted(us, trace.state)}</span>
    <span class="meter ${us > scale ? "beyond" : ""}" title=${us > scale ? t("column.duration.beyond", { length: scaleLabel(scale) }) : undefined}><span class="meter-fill" style=${{ width: `${width.toFixed(1)}%` }} /></span>
  </div>`;
}

export function tokensTitle(trace) {
  if (traceTokens(trace) === null) return t("column.tokens.unknown");
  const { input_tokens = 0, output_tokens = 0, cache_read_tokens = 0 } = trace.usage ?? {};
  return t("column.tokens.title", {
    input: exact(input_tokens, language.value),
    cached: exact(cache_read_tokens, language.value),
    output: exact(output_tokens, language.value),
  });
}

function costTitle(trace) {
  if (trace.cost_usd === null) return t("column.cost.unknown");
  const bound = trace.unpriced_calls > 0 ? `\n${t("column.cost.unpriced", { n: trace.unpriced_calls })}` : "";
  return `$${trace.cost_usd}${bound}`;
}

export function Tags({ tags }) {
  return Object.entries(tags ?? {}).map(([name, value]) => {
    const text = value === "" ? name : `${name}: ${value}`;
    return html`<span class="tag" key=${name} title=${text}>${text}</span>`;
  });
}
