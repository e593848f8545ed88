/* Where the page begins. */

import { render } from "preact";
import { html } from "./widgets/html.js";
import { App } from "./views/app.js";

render(html`<${App} />`, document.getElementById("app"));
