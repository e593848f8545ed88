/* News from the server while it happens: one stream a window, closed while nobody looks.

   HTTP/1.1 lets a browser hold six connections to a server. Only a visible window has a stream,
   so many tabs cost nothing; on return, `since` brings what was missed. */

import { signal } from "@preact/signals";
import { addressOf } from "./api.js";

const RETRY_FIRST_MS = 1_000;
const RETRY_LAST_MS = 10_000;

/** False from the moment a stream breaks until one stands again. */
export const connected = signal(true);

let followers = 0;

/** Call `onChanges(traces, seq)` for what changes after `since`, and `onGone(ids)` for what is deleted
    while the stream stands; answers a function that stops it. */
export function follow({ since, experiment, onChanges, onGone }) {
  let source = null;
  let timer = null;
  let pause = RETRY_FIRST_MS;
  let last = since;
  followers += 1;

  function open() {
    if (source || document.hidden) return;
    source = new EventSource(addressOf("live", { since: last, experiment }));
    source.addEventListener("open", () => {
      connected.value = true;
      pause = RETRY_FIRST_MS;
    });
    source.addEventListener("changes", (event) => {
      const changes = JSON.parse(event.data);
      last = Math.max(last, changes.seq);
      onChanges(changes.traces, last);
    });
    source.addEventListener("gone", (event) => onGone(JSON.parse(event.data).trace_ids));
    source.addEventListener("error", retry);
  }

  // EventSource would reconnect by itself, but with the `since` it began with.
  function retry() {
    close();
    connected.value = false;
    timer = setTimeout(open, pause);
    pause = Math.min(RETRY_LAST_MS, pause * 2);
  }

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  const look = () => (document.hidden ? close() : open());
  document.addEventListener("visibilitychange", look);
  open();
  return () => {
    document.removeEventListener("visibilitychange", look);
    close();
    followers -= 1;
    // The next view may be about to follow: it then begins with what this one knew.
    setTimeout(() => followers === 0 && (connected.value = true));
  };
}
