/* Questions to the server. An answer that is not one is thrown as a `Problem`, which knows what
   was wrong and what to do, whether the server said so or could not be reached at all. */

export class Problem extends Error {
  constructor({ type, title, detail, expected, remedy, suggestions = [], position, status = 0, unreachable = false }) {
    super(detail || title);
    Object.assign(this, { type, title, detail, expected, remedy, suggestions, position, status, unreachable });
  }
}

export const origin = new URL(document.baseURI).origin;

export function addressOf(path, query = {}) {
  const url = new URL(`api/v1/${path}`, document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined) url.searchParams.set(name, value);
  }
  return url;
}

/** The answer to a GET as a value. */
export async function ask(path, query, signal) {
  let response;
  try {
    response = await fetch(addressOf(path, query), { signal, headers: { accept: "application/json" } });
  } catch (fault) {
    if (fault.name === "AbortError") throw fault;
    throw new Problem({ unreachable: true });
  }
  if (response.ok) return response.json();
  throw new Problem({ title: response.statusText, status: response.status, ...(await said(response)) });
}

async function said(response) {
  try {
    const { type, title, detail, expected, remedy, suggestions, position } = await response.json();
    return { type, title, detail, expected, remedy, suggestions: suggestions ?? [], position };
  } catch {
    return {};
  }
}
