/* Nothing has come in yet: the lines to paste. The first trace turns this into the list. */

import { origin } from "../data/api.js";
import { t } from "../data/settings.js";
import { experiments } from "../data/traces.js";
import { CopyButton } from "../widgets/copy.js";
import { html } from "../widgets/html.js";

/** Where the SDK sends to when nobody says otherwise. */
const DEFAULT_ORIGINS = new Set(["http://127.0.0.1:5000", "http://localhost:5000"]);

export function Waiting({ experiment }) {
  const named = experiments.value.find((one) => String(one.id) === experiment || one.name === experiment);
  const title = named ? t("waiting.title.experiment", { name: named.name }) : t("waiting.title");
  const code = lines(named);
  return html`<main class="page waiting" id="content">
    <div class="waiting-paper">
      <h1><span class="pulse" />${title}</h1>
      <p>${t("waiting.lead")}</p>
      <figure class="code">
        <figcaption>${t("waiting.python")}<${CopyButton} text=${code} words /></figcaption>
        <pre tabindex="0"><code>${code}</code></pre>
      </figure>
      <p class="quiet">${t("waiting.listening", { address: origin })}</p>
    </div>
  </main>`;
}

// Two lines, and only where they are needed the one that names this server or this experiment.
function lines(experiment) {
  const code = ["import telltale", "telltale.crewai.autolog()"];
  if (!DEFAULT_ORIGINS.has(origin)) code.push(`telltale.set_tracking_uri("${origin}")`);
  if (experiment && experiment.id !== 0) code.push(`telltale.set_experiment(${JSON.stringify(experiment.name)})`);
  return code.join("\n");
}
