/* The present, for what is still running. It ticks only while something on view grows, and stands
   still while the server is out of reach: what ran then may have ended since. */

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { connected } from "./live.js";

const TICK_MS = 250;

/** Unix time, microseconds. */
export const now = signal(Date.now() * 1e3);

/** Keep the clock going while `growing`. */
export function useClock(growing) {
  const ticking = growing && connected.value;
  useEffect(() => {
    if (!ticking) return undefined;
    const timer = setInterval(() => (now.value = Date.now() * 1e3), TICK_MS);
    return () => clearInterval(timer);
  }, [ticking]);
}
