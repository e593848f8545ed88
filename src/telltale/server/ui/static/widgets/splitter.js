/* The line between outline and detail: dragged by mouse or finger, moved by arrow keys. */

import { useRef } from "preact/hooks";
import { setSplit, split, t } from "../data/settings.js";
import { html } from "./html.js";

const STEP = 2;

export function Splitter() {
  const dragging = useRef(false);
  const down = (event) => {
    dragging.current = true;
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const move = (event) => {
    if (!dragging.current) return;
    const box = event.currentTarget.parentElement.getBoundingClientRect();
    setSplit(((event.clientX - box.left) / box.width) * 100);
  };
  const up = () => (dragging.current = false);
  const press = (event) => {
    const step = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    if (!step) return;
    event.preventDefault();
    setSplit(split.value + step);
  };
  return html`<div class="splitter" role="separator" tabindex="0" aria-orientation="vertical" aria-label=${t("trace.split")}
    aria-valuemin="25" aria-valuemax="75" aria-valuenow=${Math.round(split.value)}
    onPointerDown=${down} onPointerMove=${move} onPointerUp=${up} onPointerCancel=${up} onKeyDown=${press} />`;
}
