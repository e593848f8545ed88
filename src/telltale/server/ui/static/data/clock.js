/* The present, for what is still running. It ticks only while something on view grows. */

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const TICK_MS = 250;

/** Unix time, microseconds. */
export const now = signal(Date.now() * 1e3);

/** Keep the clock going while `growing`. */
export function useClock(growing) {
  useEffect(() => {
    if (!growing) return undefined;
    const timer = setInterval(() => (now.value = Date.now() * 1e3), TICK_MS);
    return () => clearInterval(timer);
  }, [growing]);
}
