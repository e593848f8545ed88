/* What may be written next in a filter, asked of the server a moment after the last key. */

import { signal } from "@preact/signals";
import { offered } from "../core/complete.js";
import { ask } from "./api.js";

const PAUSE_MS = 120;

/** {start, proposals, hint, field, isBegun}, or null where nothing is offered. */
export const offer = signal(null);

let timer = null;
let asking = null;

/** Offer what may follow on a text. `atOnce`: nobody is typing. */
export function seek(text, experiment, { atOnce = false } = {}) {
  forget();
  timer = setTimeout(find, atOnce ? 0 : PAUSE_MS, text, experiment);
}

/** Offer nothing, whatever was asked for. */
export function withdraw() {
  forget();
  offer.value = null;
}

function forget() {
  clearTimeout(timer);
  asking?.abort();
  asking = null;
}

async function find(text, experiment) {
  const mine = new AbortController();
  asking = mine;
  let found = null;
  try {
    const answer = await ask("filter/complete", { text, experiment }, mine.signal);
    found = { start: answer.start, ...offered(text, answer) };
  } catch {
    // A filter can be written without it; the list says what is wrong with the server.
  }
  // An answer may have come in full before it was given up.
  if (mine !== asking) return;
  offer.value = found && (found.proposals.length > 0 || found.hint) ? found : null;
}
