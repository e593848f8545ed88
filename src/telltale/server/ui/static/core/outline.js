/* Which rows of the tree are on view: folding, the flat list, and finding one's way in it. */

const ALL_OPEN_UP_TO = 150;
const STRUCTURE = new Set(["flow", "method", "crew", "task"]);

/** The rule for nodes nobody has touched: small traces open, large ones by structure.

    The way to each span in `reveal` is open whatever the size. */
export function foldRule(spans, tree, reveal) {
  const onTheWay = new Set();
  for (const wanted of reveal) for (const key of pathTo(tree, `s${wanted}`)) onTheWay.add(key);
  return (node, depth) => {
    if (onTheWay.has(node.key)) return true;
    if (node.group) return false;
    return spans <= ALL_OPEN_UP_TO || depth === 0 || STRUCTURE.has(node.row.kind);
  };
}

/** Rows to show, top to bottom: {node, depth, parent: index, open, setSize, position}.

    `touched` maps keys to what the reader chose; the rule decides for the rest. */
export function flatten(tree, touched, rule) {
  const rows = [];
  const stack = [];
  const push = (nodes, depth, parent) => {
    for (let i = nodes.length - 1; i >= 0; i--) {
      stack.push({ node: nodes[i], depth, parent, setSize: nodes.length, position: i + 1 });
    }
  };
  push(tree, 0, -1);
  while (stack.length) {
    const row = stack.pop();
    const foldable = row.node.children.length > 0;
    row.open = foldable && (touched.get(row.node.key) ?? rule(row.node, row.depth));
    const index = rows.push(row) - 1;
    if (row.open) push(row.node.children, row.depth + 1, index);
  }
  return rows;
}

/** Keys from the root to the parent of the node with this key; empty if it is not there. */
export function pathTo(tree, key) {
  const way = [];
  const stack = [[tree, 0]];
  while (stack.length) {
    const top = stack[stack.length - 1];
    const node = top[0][top[1]++];
    if (!node) {
      stack.pop();
      way.pop();
    } else if (node.key === key) {
      return [...way];
    } else if (node.children.length) {
      way.push(node.key);
      stack.push([node.children, 0]);
    }
  }
  return [];
}

/** The key itself if it is among these rows, else that of its nearest ancestor that is. */
export function nearestOnView(tree, rows, key) {
  const shown = new Set(rows.map(({ node }) => node.key));
  if (shown.has(key)) return key;
  return pathTo(tree, key).findLast((above) => shown.has(above)) ?? null;
}

/** Ordinals of spans that failed themselves, in the outline's order. */
export function failures(tree) {
  return walk(tree, (node) => !node.group && node.row.status === "error");
}

/** The innermost failure that starts first: where a reader wants to look. */
export function firstFailure(tree) {
  let nodes = tree;
  let found = null;
  while (nodes) {
    const failed = nodes.find((node) => node.errors > 0);
    if (!failed) break;
    if (!failed.group && failed.row.status === "error") found = failed.row.ordinal;
    nodes = failed.children;
  }
  return found;
}

function walk(tree, accept) {
  const found = [];
  const stack = [...tree].reverse();
  while (stack.length) {
    const node = stack.pop();
    if (accept(node)) found.push(node.row.ordinal);
    for (let i = node.children.length - 1; i >= 0; i--) stack.push(node.children[i]);
  }
  return found;
}

/** Every key that can be folded, for folding or opening all at once. */
export function foldableKeys(tree) {
  const keys = [];
  const stack = [...tree];
  while (stack.length) {
    const node = stack.pop();
    if (node.children.length) keys.push(node.key);
    stack.push(...node.children);
  }
  return keys;
}
