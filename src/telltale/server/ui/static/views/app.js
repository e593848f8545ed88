/* The page as a whole: the bar, and the view that the address names. */

import { listAddress } from "../core/route.js";
import { mount, place } from "../data/place.js";
import { t } from "../data/settings.js";
import { html } from "../widgets/html.js";
import { KeysSheet } from "../widgets/keys-sheet.js";
import { ProblemNotice } from "../widgets/problem.js";
import { TopBar } from "../widgets/topbar.js";
import { ListView } from "./list.js";
import { TraceView } from "./trace.js";

export function App() {
  const { page, traceId, span } = place.value;
  return html`
    <a class="skip" href="#content" onClick=${skip}>${t("app.skip")}</a>
    <${TopBar} />
    ${page === "list" && html`<${ListView} ...${place.value} />`}
    ${page === "trace" && html`<${TraceView} key=${traceId} traceId=${traceId} span=${span} />`}
    ${page === "missing" && html`<${Missing} />`}
    <${KeysSheet} page=${page} />`;
}

// A bare `#content` would be resolved against <base>, and leave the page.
function skip(event) {
  event.preventDefault();
  document.querySelector("#content [tabindex='0'], #content a, #content button")?.focus();
}

function Missing() {
  const problem = { title: t("app.missing.title"), detail: t("app.missing.detail"), remedy: t("app.missing.remedy") };
  return html`<main class="page" id="content"><${ProblemNotice} isPage problem=${problem} back=${listAddress(mount)} /></main>`;
}
