/* How a trace or a span went: a sign, a word and a colour, so that no one of them stands alone. */

import { errorsToTell, outcome } from "../core/outcome.js";
import { t } from "../data/settings.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

const SIGNS = { ok: "ok", marred: "warn", failed: "failed", lost: "lost" };

/** The sign alone; whoever draws it puts the word beside it or into a name. */
export function Sign({ of }) {
  return html`<span class="sign sign-${of}">${of === "running" ? html`<span class="pulse" />` : html`<${Icon} name=${SIGNS[of]} />`}</span>`;
}

/** A trace's outcome in words: "OK", "OK · 2 errors", "Failed". */
export function Outcome({ trace }) {
  const how = outcome(trace);
  const errors = errorsToTell(trace);
  return html`<span class="outcome outcome-${how}" title=${how === "lost" ? t("outcome.lost.title") : undefined}>
    <${Sign} of=${how} />
    <span class="outcome-word">${t(`outcome.${how}`)}</span>
    ${errors > 0 && html`<span class="outcome-errors">${t("errors", { n: errors })}</span>`}
  </span>`;
}
