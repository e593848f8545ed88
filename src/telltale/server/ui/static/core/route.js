/* The page's own addresses. They are relative to where the page is mounted, so that a proxy may
   put it under a path. */

import { orderOf } from "./order.js";

/** {page: "list" | "trace" | "missing", experiment, filter, sort, order, traceId, span}. */
export function readRoute(url, mount) {
  const { pathname, searchParams, hash } = new URL(url);
  const path = pathname.startsWith(mount) ? pathname.slice(mount.length) : pathname.slice(1);
  const parts = path.split("/").filter(Boolean);
  const scope = {
    experiment: searchParams.get("experiment"),
    filter: (searchParams.get("filter") ?? "").trim(),
    ...orderOf(searchParams.get("sort"), searchParams.get("order")),
  };
  if (parts.length === 0 || (parts[0] === "traces" && parts.length === 1)) {
    return { page: "list", ...scope, traceId: null, span: null };
  }
  if (parts[0] === "traces" && parts.length === 2) {
    return { page: "trace", ...scope, traceId: parts[1].replace(/^tr-/, ""), span: spanIn(hash) };
  }
  return { page: "missing", ...scope, traceId: null, span: null };
}

/** `scope`: {experiment, filter, sort, order}, which traces are listed and how; null and "" for all. */
export function listAddress(mount, scope = {}) {
  return `${mount}traces${queryOf(scope)}`;
}

/** `scope` is that of the list which the way back leads to. */
export function traceAddress(mount, traceId, scope = {}, span = null) {
  return `${mount}traces/${traceId}${queryOf(scope)}${span === null ? "" : `#span=${span}`}`;
}

function queryOf({ experiment = null, filter = "", ...asked }) {
  const { sort, order } = orderOf(asked.sort, asked.order);
  const query = new URLSearchParams();
  if (experiment !== null) query.set("experiment", experiment);
  if (filter !== "") query.set("filter", filter);
  if (sort !== "start") query.set("sort", sort);
  if (order !== "desc") query.set("order", order);
  // A colon needs no escape, and a filter is read more easily with it.
  const text = String(query).replaceAll("%3A", ":");
  return text && `?${text}`;
}

function spanIn(hash) {
  const found = /[#&]span=([0-9a-f]{16})(?![0-9a-f])/.exec(hash);
  return found ? found[1] : null;
}
