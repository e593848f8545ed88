/* From rows to the tree that the outline shows: children in order of time, what happened below
   summed up to every ancestor, runs of like siblings gathered into one. */

export const MODEL_KINDS = new Set(["llm", "embedding", "reranker"]);
const GROUP_FROM = 5;

/** Roots of the tree. A span whose parent is not stored stands at the top, marked as adrift.

    So does the earliest of spans that a damaged trace makes their own ancestors. */
export function buildTree(rows) {
  const nodes = new Map();
  for (const row of rows.values()) nodes.set(row.ordinal, leaf(row));
  const roots = [];
  for (const node of nodes.values()) {
    const parent = nodes.get(node.row.parent);
    if (parent) parent.children.push(node);
    else roots.push(node);
    node.adrift = node.row.parent !== -1 && !parent;
  }
  // Sorted once for all: each list of children then only needs the same order.
  for (const node of nodes.values()) node.children.sort(byStart);
  roots.sort(byStart);
  for (const root of roots) sumUp(root);
  if (roots.reduce((spans, root) => spans + root.spans, 0) < nodes.size) {
    for (const top of cutLoops(nodes)) {
      sumUp(top);
      roots.push(top);
    }
    roots.sort(byStart);
  }
  return groupRuns(roots, "top");
}

// No root leads into a loop of parents; each is cut above the member that started first.
function cutLoops(nodes) {
  const tops = [];
  const passed = new Set();
  const above = (node) => nodes.get(node.row.parent);
  for (const node of nodes.values()) {
    const way = new Set();
    let at = node;
    for (; at && !passed.has(at); at = above(at)) {
      passed.add(at);
      way.add(at);
    }
    if (!way.has(at)) continue;
    let top = at;
    for (let one = above(at); one !== at; one = above(one)) if (byStart(one, top) < 0) top = one;
    above(top).children = above(top).children.filter((child) => child !== top);
    top.adrift = true;
    tops.push(top);
  }
  return tops;
}

function leaf(row) {
  const called = MODEL_KINDS.has(row.kind);
  return {
    key: `s${row.ordinal}`,
    row,
    children: [],
    adrift: false,
    /** The agent that a task was given to. */
    role: null,
    /** This LLM call's place among its agent's. */
    turn: null,
    spans: 1,
    errors: row.status === "error" ? 1 : 0,
    running: row.state === "running",
    tokens: called ? sum(row.input, row.output) : null,
    costUsd: called ? row.costUsd : null,
    /** Ended calls that told nothing of tokens. */
    uncounted: called && row.state === "ended" && row.input === null && row.output === null ? 1 : 0,
    unpriced: called && row.state === "ended" && row.costUsd === null ? 1 : 0,
  };
}

function byStart(a, b) {
  return a.row.start - b.row.start || a.row.ordinal - b.row.ordinal;
}

// Without recursion: a chain of 10,000 spans must not overflow the stack.
function sumUp(root) {
  const order = [root];
  for (let i = 0; i < order.length; i++) {
    for (const child of order[i].children) order.push(child);
  }
  for (const node of order.reverse()) {
    for (const child of node.children) add(node, child);
    node.children = groupRuns(node.children, node.key);
    if (node.row.kind === "task") node.role = firstAgent(node);
    if (node.row.kind === "agent") numberTurns(node);
  }
}

function add(node, child) {
  node.spans += child.spans;
  node.errors += child.errors;
  node.unpriced += child.unpriced;
  node.uncounted += child.uncounted;
  node.tokens = sum(node.tokens, child.tokens);
  node.costUsd = sum(node.costUsd, child.costUsd);
}

function sum(a, b) {
  if (a === null) return b;
  return b === null ? a : a + b;
}

function firstAgent(node) {
  const agent = node.children.find((child) => child.row.kind === "agent");
  return agent ? agent.row.name : null;
}

function numberTurns(agent) {
  let turn = 0;
  for (const child of agent.children) {
    if (!child.group && child.row.kind === "llm") child.turn = ++turn;
  }
}

/** Five siblings or more in a row of one kind and name become one node that holds them. */
export function groupRuns(siblings, where) {
  if (siblings.length < GROUP_FROM) return siblings;
  const out = [];
  for (let i = 0; i < siblings.length; ) {
    let end = i + 1;
    while (end < siblings.length && alike(siblings[i], siblings[end])) end++;
    if (end - i >= GROUP_FROM) out.push(group(siblings.slice(i, end), where));
    else out.push(...siblings.slice(i, end));
    i = end;
  }
  return out;
}

function alike(a, b) {
  return a.row.kind === b.row.kind && a.row.name === b.row.name && a.row.kind !== "task";
}

function group(members, where) {
  const node = {
    ...leaf(members[0].row),
    // Not the first member's ordinal alone: a group of one parent stays one while it grows.
    key: `g${where}:${members[0].row.ordinal}`,
    group: true,
    children: members,
    spans: 0, errors: 0, unpriced: 0, uncounted: 0, tokens: null, costUsd: null,
    running: members.some((member) => member.running),
    durations: members.map((m) => m.row.duration).filter((d) => d !== null).sort((a, b) => a - b),
  };
  for (const member of members) add(node, member);
  return node;
}
