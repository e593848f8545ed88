/* The bar over every page: the way home, the experiment, and how the page speaks and looks. */

import { listAddress } from "../core/route.js";
import { connected } from "../data/live.js";
import { follow, go, mount, place } from "../data/place.js";
import { flipLanguage, flipTheme, isDark, t } from "../data/settings.js";
import { experiments } from "../data/traces.js";
import { html } from "./html.js";
import { Icon, Mark } from "./icon.js";
import { sheetOpen } from "./keys-sheet.js";

export function TopBar() {
  const themeLabel = t(isDark() ? "app.theme.light" : "app.theme.dark");
  return html`<header class="topbar">
    <a class="brand" href=${listAddress(mount)} onClick=${follow}><${Mark} />${t("app.name")}</a>
    ${place.value.page === "list" && html`<${ExperimentSwitch} />`}
    <span class="topbar-room" role="status">${!connected.value && html`<span class="offline"><${Icon} name="warn" />${t("app.offline")}</span>`}</span>
    <button type="button" class="icon-button wordy" lang=${t("app.language") === "EN" ? "en" : "zh-CN"}
      onClick=${flipLanguage} title=${t("app.language.title")}>${t("app.language")}</button>
    <button type="button" class="icon-button" onClick=${flipTheme} aria-label=${themeLabel} title=${themeLabel}>
      <${Icon} name=${isDark() ? "sun" : "moon"} /></button>
    <button type="button" class="icon-button keys-button" onClick=${() => (sheetOpen.value = true)}
      aria-label=${t("app.keys")} title="${t("app.keys")} (?)"><${Icon} name="keys" /></button>
  </header>`;
}

function ExperimentSwitch() {
  if (experiments.value.length < 2) return null;
  const wanted = place.value.experiment;
  const change = (event) => go(listAddress(mount, { ...place.value, experiment: event.target.value || null }));
  // The address may name an experiment by id or by name.
  const found = experiments.value.find((one) => String(one.id) === wanted || one.name === wanted);
  const current = found ? String(found.id) : "";
  return html`<label class="experiment">
    <span class="experiment-word" aria-hidden="true">${t("list.experiment")}</span>
    <select value=${current} onChange=${change} aria-label=${t("list.experiment")}>
      <option value="" selected=${current === ""}>${t("list.experiment.all")}</option>
      ${experiments.value.map((one) => html`<option key=${one.id} value=${String(one.id)} selected=${current === String(one.id)}>
        ${t("list.experiment.option", { name: one.name, traces: one.traces })}</option>`)}
    </select>
    <${Icon} name="down" />
  </label>`;
}
