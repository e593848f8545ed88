/* What went wrong and what to do, as the server said it. */

import { origin } from "../data/api.js";
import { follow } from "../data/place.js";
import { t } from "../data/settings.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

/* The kinds of problem that the page can meet; the server speaks of them in English. */
const KINDS = new Set(["bad-id", "bad-input", "not-found", "store-busy", "store-broken"]);

function titleOf(problem) {
  const kind = problem.type?.split("/").at(-1);
  return KINDS.has(kind) ? t(`problem.title.${kind}`) : problem.title;
}

/** `isPage`: there is nothing else on the page, so its title is the page's; `back`: address of the list. */
export function ProblemNotice({ problem, onRetry, isPage = false, back = null }) {
  const away = problem.unreachable;
  const title = away ? t("problem.network.title") : titleOf(problem);
  const detail = away ? t("problem.network.detail", { address: origin }) : problem.detail;
  const remedy = away ? t("problem.network.remedy") : problem.remedy;
  return html`<section class="problem" role="alert">
    <${isPage ? "h1" : "h2"} class="problem-title"><${Icon} name="warn" />${title}<//>
    ${detail && html`<p class="problem-detail">${withCode(detail)}</p>`}
    ${remedy && html`<p><strong>${t("problem.remedy")}</strong><span class="problem-remedy">${withCode(remedy)}</span></p>`}
    ${problem.suggestions?.length > 0 && html`<p><strong>${t("problem.suggestions")}</strong>${problem.suggestions.join(", ")}</p>`}
    ${(onRetry || back) && html`<p class="problem-ways">
      ${onRetry && html`<button type="button" class="button" onClick=${onRetry}>${t("problem.retry")}</button>`}
      ${back && html`<a href=${back} onClick=${follow}>${t("keys.back")}</a>`}</p>`}
  </section>`;
}

/** What stands between backticks is something to type. */
function withCode(text) {
  return text.split("`").map((piece, i) => (i % 2 ? html`<code>${piece}</code>` : piece));
}
