/* Icons, drawn as strokes on a grid of 16: they take the colour and the size of the text. */

import { html } from "./html.js";
import { t } from "../data/settings.js";

const KIND_PATHS = {
  flow: "M2.5 3.5h4v3.5h-4zM9.5 9h4v3.5h-4zM4.5 7v3.75h5",
  method: "M6 3c-2 0-1.5 2-1.5 3S4 8 2.8 8c1.2 0 1.7 1 1.7 2S4 13 6 13M10 3c2 0 1.5 2 1.5 3S12 8 13.2 8c-1.2 0-1.7 1-1.7 2s.5 3-1.5 3",
  crew: "M6 7.3a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM2 13.2c0-2.3 1.7-3.7 4-3.7s4 1.4 4 3.7M10.6 3.2a2.1 2.1 0 0 1 0 4M11.8 9.8c1.4.5 2.2 1.7 2.2 3.4",
  task: "M4 14V2.5M4 3.2h8.5l-2.2 2.7 2.2 2.7H4",
  agent: "M8 7.7a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2zM3 13.6c0-2.6 2-4.2 5-4.2s5 1.6 5 4.2",
  llm: "M8 1.8c.7 3.7 2.5 5.5 6.2 6.2-3.7.7-5.5 2.5-6.2 6.2-.7-3.7-2.5-5.5-6.2-6.2 3.7-.7 5.5-2.5 6.2-6.2z",
  tool: "M13.6 4.6a3.5 3.5 0 0 1-4.7 4L5 12.6A1.5 1.5 0 0 1 2.9 10.5l4-3.9a3.5 3.5 0 0 1 4-4.7L8.8 4l.5 2.2 2.2.5z",
  retriever: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3 14 14",
  embedding: "M4.5 2.5h-2v11h2M11.5 2.5h2v11h-2M6.2 6h.01M9.8 6h.01M6.2 10h.01M9.8 10h.01",
  reranker: "M4.5 13V3M2 5.5 4.5 3 7 5.5M9 4h5M9 8h3.8M9 12h2.5",
  memory: "M3 4.3c0-1.1 2.2-2 5-2s5 .9 5 2v7.4c0 1.1-2.2 2-5 2s-5-.9-5-2zM3 4.3c0 1.1 2.2 2 5 2s5-.9 5-2M3 8c0 1.1 2.2 2 5 2s5-.9 5-2",
  knowledge: "M8 4.2C6.5 3 4.5 2.7 2 2.9v9.6c2.5-.2 4.5.1 6 1.2 1.5-1.1 3.5-1.4 6-1.2V2.9C11.5 2.7 9.5 3 8 4.2zM8 4.2v9.5",
  guardrail: "M8 1.9 3 3.8v4c0 3.1 2 5.2 5 6.3 3-1.1 5-3.2 5-6.3v-4z",
  evaluator: "M5.5 8.2 7.4 10l3.3-4M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z",
  plan: "M2.5 3.5h8M2.5 7.5h5M2.5 11.5h3.5M8.5 13.5l.4-2 4-4 1.6 1.6-4 4z",
  human: "M4 2.2h8M4 13.8h8M5 2.2C5 5.5 11 6 11 8s-6 2.5-6 5.8M11 2.2C11 5.5 5 6 5 8s6 2.5 6 5.8",
  chain: "M6.5 9.5l3-3M7 4.7l1.7-1.7a3 3 0 0 1 4.3 4.3L11.3 9M9 11.3l-1.7 1.7A3 3 0 0 1 3 8.7L4.7 7",
  unknown: "M8 12.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9z",
};

const PATHS = {
  back: "M9.5 3.5 5 8l4.5 4.5",
  check: "M3 8.5 6.5 12 13 4.5",
  chevron: "M6 3.5 10.5 8 6 12.5",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  down: "M3.5 6 8 10.5 12.5 6",
  up: "M3.5 10 8 5.5 12.5 10",
  facets: "M2 3.5h12v9H2zM6 3.5v9M3.6 6h.8M3.6 8h.8",
  failed: "M4.5 4.5l7 7M11.5 4.5l-7 7",
  fold: "M4.5 2.5 8 6l3.5-3.5M4.5 13.5 8 10l3.5 3.5",
  keys: "M1.8 4h12.4v8H1.8zM4.5 6.7h.01M7 6.7h.01M9.3 6.7h.01M11.6 6.7h.01M5 9.5h6",
  link: "M9.5 2.5h4v4M13.5 2.5 7.5 8.5M11.5 9.5v4h-9v-9h4",
  minus: "M4 8h8",
  lost: "M6 6.2A2.1 2.1 0 1 1 8.7 8.2c-.5.2-.7.6-.7 1.2M8 11.8h.01",
  moon: "M13.5 9.7A6 6 0 0 1 6.3 2.5a6 6 0 1 0 7.2 7.2z",
  ok: "M4 8.5 6.8 11.2 12 5",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9",
  find: KIND_PATHS.retriever,
  unfold: "M4.5 6 8 2.5 11.5 6M4.5 10 8 13.5l3.5-3.5",
  warn: "M8 2.2 14.2 13H1.8zM8 6.5v3M8 11.3h.01",
};

/** Decoration: the words beside it, or the button's name, say what it means. */
export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d=${PATHS[name]} /></svg>`;
}

/** What a span is. It stands without words, so it has a name of its own. */
export function KindIcon({ kind }) {
  const known = kind in KIND_PATHS ? kind : "unknown";
  return html`<svg class="icon kind kind-${known}" viewBox="0 0 16 16" role="img" aria-label=${t(`kind.${known}`)}>
    <title>${t(`kind.${known}`)}</title><path d=${KIND_PATHS[known]} />
  </svg>`;
}

/** Two ribbons in the wind: sailors call them telltales. */
export function Mark() {
  return html`<svg class="mark" viewBox="0 0 20 20" aria-hidden="true">
    <path d="M3.5 2v16" /><path d="M3.5 6c4-3 6.5 2.5 13-.5" /><path d="M3.5 12.5c4-3 6 2.5 10.5-.5" />
  </svg>`;
}
