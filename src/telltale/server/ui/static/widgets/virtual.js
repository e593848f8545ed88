/* Long lists: only the rows in view are in the document. All rows have one height. */

import { useCallback, useLayoutEffect, useRef, useState } from "preact/hooks";
import { scrollFor, visible } from "../core/window.js";

/** Answers {frame, first, last, show, scrollTo}: `frame` is the ref of the scrolling element,
    `show(index)` brings a row into view. `above` is what a sticky header covers. */
export function useVirtual({ count, rowHeight, above = 0, onScroll }) {
  const frame = useRef(null);
  const [view, setView] = useState({ top: 0, height: innerHeight });

  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const look = () => setView((before) => (
      before.top === element.scrollTop && before.height === element.clientHeight
        ? before : { top: element.scrollTop, height: element.clientHeight }
    ));
    const scrolled = () => {
      look();
      onScroll?.(element.scrollTop);
    };
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", scrolled, { passive: true });
    look();
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", scrolled);
    };
  }, [frame.current, onScroll]);

  const show = useCallback((index) => {
    const element = frame.current;
    if (!element) return;
    const top = scrollFor(index, element.scrollTop, element.clientHeight, rowHeight, above);
    if (top !== null) element.scrollTop = top;
  }, [rowHeight, above]);

  return { frame, show, ...visible(view.top, view.height, rowHeight, count) };
}

/** How wide the element of this ref is, pixels. */
export function useWidth(ref) {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    const look = () => setWidth(element.clientWidth);
    const observer = new ResizeObserver(look);
    observer.observe(element);
    look();
    return () => observer.disconnect();
  }, []);
  return width;
}

/** True while the media query holds. */
export function useMedia(query) {
  const [holds, setHolds] = useState(() => matchMedia(query).matches);
  useLayoutEffect(() => {
    const list = matchMedia(query);
    const look = () => setHolds(list.matches);
    list.addEventListener("change", look);
    look();
    return () => list.removeEventListener("change", look);
  }, [query]);
  return holds;
}
