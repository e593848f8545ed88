/* How a trace or a span went: a sign, a word and a colour, so that no one of them stands alone. */

import { innerErrors, outcome } from "../core/outcome.js";
import { t } from "../data/settings.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

const SIGNS = { ok: "ok", marred: "warn", failed: "failed", lost: "lost" };

/** The sign alone; whoever draws it puts the word beside it or into a name. */
export function Sign({ of }) {
  return html`<span class="sign sign-${of}">${of === "running" ? html`<span class="pulse" />` : html`<${Icon} name=${SIGNS[of]} />`}</span>`;
}

/** A trace's outcome in words: "OK", "OK · 2 errors", "Failed". `long` says "inner errors". */
export function Outcome({ trace, long = false }) {
  const how = outcome(trace);
  const inner = innerErrors(trace);
  const title = how === "lost" ? t("outcome.lost.title") : inner ? t("outcome.inner", { n: inner }) : undefined;
  return html`<span class="outcome outcome-${how}" title=${title}>
    <${Sign} of=${how} />
    <span class="outcome-word">${t(`outcome.${how}`)}</span>
    ${inner > 0 && html`<span class="outcome-inner">${t(long ? "outcome.inner" : "outcome.inner.short", { n: inner })}</span>`}
  </span>`;
}
