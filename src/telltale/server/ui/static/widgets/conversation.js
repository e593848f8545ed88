/* Messages as a conversation: who speaks stands in the gutter, what is said beside it. */

import { asStructure, converse } from "../core/conversation.js";
import { known, t } from "../data/settings.js";
import { Clipped } from "./clipped.js";
import { CopyButton } from "./copy.js";
import { html } from "./html.js";
import { KindIcon } from "./icon.js";
import { Json } from "./json.js";

export function Conversation({ span }) {
  const inputs = converse(span.input_messages ?? []);
  const outputs = converse(span.output_messages ?? []);
  return html`
    ${inputs.length > 0 && html`<${Turns} title=${t("message.input")} turns=${inputs} />`}
    ${outputs.length > 0 && html`<${Turns} title=${t("message.output")} turns=${outputs} isAnswer />`}`;
}

function Turns({ title, turns, isAnswer = false }) {
  return html`<section class="turns ${isAnswer ? "answer" : ""}">
    <h3>${title}</h3>
    ${turns.map((turn, i) => html`<${Turn} key=${i} turn=${turn} />`)}
  </section>`;
}

function Turn({ turn }) {
  return html`<article class="turn role-${turn.role}">
    <div class="gutter">
      <span class="role-name">${known(`message.role.${turn.role}`) ?? turn.role}</span>
      ${turn.name && html`<span class="role-who">${turn.name}</span>`}
    </div>
    <div class="said">
      ${turn.parts.map((part, i) => html`<${Part} key=${i} part=${part} />`)}
      ${turn.empty && html`<p class="quiet">${t("message.empty")}</p>`}
    </div>
    <${CopyButton} text=${() => plainText(turn)} />
  </article>`;
}

function Part({ part }) {
  if (part.type === "text") return html`<${Said} value=${part.content} />`;
  if (part.type === "reasoning") {
    return html`<details class="reasoning"><summary>${t("message.reasoning")}</summary><${Clipped} text=${part.content} /></details>`;
  }
  if (part.type === "tool_call") return html`<${Call} part=${part} />`;
  if (part.type === "tool_call_response") return html`<${Result} part=${part} />`;
  return html`<div class="other"><p class="quiet">${t("message.other")}</p><${Json} value=${part.content} /></div>`;
}

function Call({ part }) {
  return html`<div class="call">
    <p class="call-head"><${KindIcon} kind="tool" /><span class="quiet">${t("message.call")}</span> <code>${part.name}</code></p>
    <div class="call-body"><${Said} value=${part.arguments ?? null} /></div>
    ${part.result && html`<${Result} part=${part.result} />`}
  </div>`;
}

function Result({ part }) {
  return html`<div class="result">
    <p class="call-head"><span class="quiet">${t("message.result")}</span></p>
    <div class="call-body"><${Said} value=${part.response ?? null} /></div>
  </div>`;
}

/** A value as it reads best: a structure as a tree, words as Markdown. */
function Said({ value }) {
  if (value === null || value === "") return html`<p class="quiet">${t("message.empty")}</p>`;
  const structure = typeof value === "string" ? asStructure(value) : value;
  if (structure !== undefined && typeof structure !== "string") return html`<${Json} value=${structure} />`;
  return html`<${Clipped} text=${value} />`;
}

function plainText(turn) {
  return turn.parts.map((part) => {
    const value = part.content ?? part.response ?? part.arguments ?? "";
    return typeof value === "string" ? value : JSON.stringify(value, null, 2);
  }).join("\n\n");
}
