/* Where the reader is: the address bar as a signal, and moving without loading the page anew. */

import { signal } from "@preact/signals";
import { readRoute } from "../core/route.js";

/** The path that the page is mounted under, with its slashes. */
export const mount = new URL(document.baseURI).pathname;
export const place = signal(readRoute(location.href, mount));

addEventListener("popstate", () => (place.value = readRoute(location.href, mount)));

/** `instead`: the address one is at is not worth a step back to. */
export function go(address, { instead = false } = {}) {
  if (instead) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  place.value = readRoute(location.href, mount);
}

/** Name the selected span in the address, without a step in the history.

    The whole path is given: a bare `#…` would be resolved against <base>. */
export function markSpan(spanId) {
  const hash = spanId === null ? "" : `#span=${spanId}`;
  history.replaceState(history.state, "", location.pathname + location.search + hash);
}

/** For links: a plain click moves within the page, any other is the browser's. */
export function follow(event) {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(event.currentTarget.getAttribute("href"));
}
