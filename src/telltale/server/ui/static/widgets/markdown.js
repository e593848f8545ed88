/* Text as Markdown, safely: what models and tools wrote is somebody else's.

   Tags are shown as they were written, since prompts are full of them and one must see what the
   model saw. Pictures become links, because fetching one would tell its server that it was read. */

import DOMPurify from "dompurify";
import { Marked } from "marked";
import { useLayoutEffect, useRef } from "preact/hooks";
import { html } from "./html.js";

const escape = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const marked = new Marked({
  gfm: true,
  breaks: true,
  // Without these, no tag is one: `<context>` stays text, and Markdown goes on inside it.
  tokenizer: { html: () => undefined, tag: () => undefined },
  renderer: {
    image: ({ href, text }) => `<a href="${escape(href)}">${escape(text || href)}</a>`,
    // A picture of a box is no control: as a control it would have to be named.
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
});

const ALLOWED = {
  ALLOWED_TAGS: ["a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p",
    "pre", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"],
  ALLOWED_ATTR: ["href", "start"],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  RETURN_DOM_FRAGMENT: true,
};

export function Markdown({ text }) {
  const place = useRef(null);
  useLayoutEffect(() => {
    place.current.replaceChildren(render(text));
  }, [text]);
  return html`<div class="markdown" ref=${place} />`;
}

function render(text) {
  const fragment = DOMPurify.sanitize(marked.parse(text), ALLOWED);
  for (const link of fragment.querySelectorAll("a[href]")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer";
  }
  // A wide block scrolls by itself; then it must be reachable by keyboard.
  for (const block of fragment.querySelectorAll("pre")) block.tabIndex = 0;
  for (const table of fragment.querySelectorAll("table")) {
    const frame = document.createElement("div");
    frame.className = "table-frame";
    frame.tabIndex = 0;
    table.replaceWith(frame);
    frame.append(table);
  }
  // The page has its own headings; those of a text are only large words.
  for (const heading of fragment.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const words = document.createElement("p");
    words.className = `heading heading-${heading.localName}`;
    words.append(...heading.childNodes);
    heading.replaceWith(words);
  }
  return fragment;
}
