/* Why a span failed: type, message, and the stack trace on request. */

import { t } from "../data/settings.js";
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
