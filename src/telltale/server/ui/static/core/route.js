/* The page's own addresses. They are relative to where the page is mounted, so that a proxy may
   put it under a path. */

/** {page: "list" | "trace" | "missing", experiment, traceId, span}. */
export function readRoute(url, mount) {
  const { pathname, searchParams, hash } = new URL(url);
  const path = pathname.startsWith(mount) ? pathname.slice(mount.length) : pathname.slice(1);
  const parts = path.split("/").filter(Boolean);
  const experiment = searchParams.get("experiment");
  if (parts.length === 0 || (parts[0] === "traces" && parts.length === 1)) {
    return { page: "list", experiment, traceId: null, span: null };
  }
  if (parts[0] === "traces" && parts.length === 2) {
    return { page: "trace", experiment, traceId: parts[1].replace(/^tr-/, ""), span: spanIn(hash) };
  }
  return { page: "missing", experiment, traceId: null, span: null };
}

export function listAddress(mount, experiment) {
  return experiment === null ? `${mount}traces` : `${mount}traces?experiment=${encodeURIComponent(experiment)}`;
}

export function traceAddress(mount, traceId, experiment = null, span = null) {
  const query = experiment === null ? "" : `?experiment=${encodeURIComponent(experiment)}`;
  return `${mount}traces/${traceId}${query}${span === null ? "" : `#span=${span}`}`;
}

function spanIn(hash) {
  const found = /[#&]span=([0-9a-f]{16})(?![0-9a-f])/.exec(hash);
  return found ? found[1] : null;
}
