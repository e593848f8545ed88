/* What the reader chose, kept in the browser: language, colours, what is shown how wide. */

import { effect, signal } from "@preact/signals";
import { chooseLanguage, fill } from "../core/language.js";
import { messages } from "../messages.js";

const darkSystem = matchMedia("(prefers-color-scheme: dark)");

export const language = signal(
  chooseLanguage(kept("language"), navigator.languages ?? [navigator.language], Object.keys(messages)),
);
/** "light", "dark", or null: as the system has it. */
export const theme = signal(["light", "dark"].includes(kept("theme")) ? kept("theme") : null);
export const systemIsDark = signal(darkSystem.matches);
/** Share of the width that the outline takes, in percent. */
export const split = signal(Math.min(75, Math.max(25, Number(kept("split")) || 48)));
/** Whether the facets stand beside the list. Who has not chosen sees them where no column gives way. */
export const facetsShown = signal(kept("facets") === null ? innerWidth >= 1400 : kept("facets") === "shown");

darkSystem.addEventListener("change", () => (systemIsDark.value = darkSystem.matches));

/** Say a message of the table. Read inside a component, it follows the language. */
export function t(key, values) {
  return fill(messages[language.value][key] ?? key, language.value, values);
}

/** What to call a trace or a span: those who gave no name are said to have none. */
export function nameOf({ name }) {
  return name.trim() === "" ? t("name.none") : name;
}

/** As `t`, but for words that came from outside: null where the table has nothing to say. */
export function known(key) {
  return messages[language.value][key] ?? null;
}

export function isDark() {
  return theme.value === null ? systemIsDark.value : theme.value === "dark";
}

/** Choosing what the system says anyway gives the choice back to the system. */
export function flipTheme() {
  const wanted = isDark() ? "light" : "dark";
  theme.value = (wanted === "dark") === systemIsDark.value ? null : wanted;
  keep("theme", theme.value);
}

export function flipLanguage() {
  language.value = language.value === "en" ? "zh" : "en";
  keep("language", language.value);
}

export function flipFacets() {
  facetsShown.value = !facetsShown.value;
  keep("facets", facetsShown.value ? "shown" : "hidden");
}

export function setSplit(percent) {
  split.value = Math.min(75, Math.max(25, percent));
  keep("split", split.value.toFixed(1));
}

effect(() => {
  document.documentElement.lang = language.value === "zh" ? "zh-CN" : "en";
});
effect(() => {
  if (theme.value === null) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
});

// Storage may be forbidden; the page then simply forgets.
function kept(name) {
  try {
    return localStorage.getItem(`telltale.${name}`);
  } catch {
    return null;
  }
}

function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(`telltale.${name}`);
    else localStorage.setItem(`telltale.${name}`, value);
  } catch {
    // Forgotten at the next visit, nothing else.
  }
}
