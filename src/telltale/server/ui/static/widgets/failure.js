/* Why a span failed: type, message, and the stack trace on request; or that it was lost. */

import { moment } from "../core/format.js";
import { lastHeard } from "../core/outcome.js";
import { language, t } from "../data/settings.js";
import { Clipped } from "./clipped.js";
import { CopyButton } from "./copy.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

export function Failure({ detail }) {
  const { span, raw } = detail;
  if (span.status !== "error") return null;
  const exception = (raw.events ?? []).filter(({ name }) => name === "exception").at(-1)?.attributes ?? {};
  const type = span.error_type ?? exception["exception.type"];
  const message = span.error_message || exception["exception.message"] || raw.status_message;
  const stack = exception["exception.stacktrace"];
  return html`<section class="failure" aria-label=${t("error.title")}>
    <h3><${Icon} name="failed" />${type ?? t("error.title")}</h3>
    ${message && html`<p>${message}</p>`}
    ${stack && html`<details>
      <summary>${t("error.stack")}</summary>
      <div class="stack"><${Clipped} text=${stack} mono /><${CopyButton} text=${stack} /></div>
    </details>`}
  </section>`;
}

/** Why a span has no end. */
export function Loss({ detail }) {
  if (detail.span.state !== "lost") return null;
  const heard = lastHeard(detail.span.state, detail.start_us, detail.duration_us);
  return html`<section class="failure loss" aria-label=${t("outcome.lost")}>
    <h3><${Icon} name="lost" />${t("outcome.lost.title")}</h3>
    <p>${t("outcome.lost.why")}</p>
    ${heard !== null && html`<p>${t("outcome.lost.heard", { moment: moment(heard, language.value) })}</p>`}
  </section>`;
}
