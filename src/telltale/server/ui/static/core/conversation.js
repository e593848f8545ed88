/* Messages as a conversation: each tool's answer beside the call that asked for it. */

/** Turns in order: {role, name, finish, parts}; a joined call part has `result`.

    A message whose every part was joined elsewhere disappears. */
export function converse(messages) {
  const results = new Map();
  for (const message of messages) {
    for (const part of message.parts ?? []) {
      if (part.type === "tool_call_response" && part.id) results.set(part.id, part);
    }
  }
  const joined = new Set();
  const turns = messages.map((message) => ({
    role: message.role,
    name: message.name ?? null,
    finish: message.finish_reason ?? null,
    parts: (message.parts ?? []).map((part) => join(part, results, joined)),
    empty: (message.parts ?? []).length === 0,
  }));
  for (const turn of turns) turn.parts = turn.parts.filter((part) => !joined.has(part));
  return turns.filter((turn) => turn.parts.length > 0 || turn.empty);
}

function join(part, results, joined) {
  if (part.type !== "tool_call" || !results.has(part.id)) return part;
  const result = results.get(part.id);
  joined.add(result);
  return { ...part, result };
}

/** The value in a text that is JSON for an object or a list; undefined for any other text. */
export function asStructure(text) {
  if (typeof text !== "string") return undefined;
  const trimmed = text.trim();
  if (!/^[[{]/.test(trimmed)) return undefined;
  try {
    return JSON.parse(trimmed);
  } catch {
    return undefined;
  }
}
