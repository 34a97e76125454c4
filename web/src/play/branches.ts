/** A search tree as it has been unfolded so far. Pure. */
import type { TreeNode } from '#arena/protocol';

/** Children by the path of their parent (actions joined by commas; '' is the root), with who chooses among them. */
export type Branches = ReadonlyMap<string, { readonly turn: number | null; readonly nodes: readonly TreeNode[] }>;

/** Adds an answer: the list below `path`, whose entries name their parents by place. */
export function withChildren(before: Branches, path: readonly number[], turn: number | null, nodes: readonly TreeNode[]): Branches {
  const next = new Map(before);
  const paths: string[] = [];
  const below = new Map<string, { turn: number | null; nodes: TreeNode[] }>([[path.join(), { turn, nodes: [] }]]);
  nodes.forEach((node, i) => {
    const parent = node.parent < 0 ? path.join() : paths[node.parent];
    paths[i] = parent === '' ? String(node.action) : `${parent},${node.action}`;
    const list = below.get(parent) ?? { turn: nodes[node.parent]?.turn ?? null, nodes: [] };
    list.nodes.push(node);
    below.set(parent, list);
  });
  for (const [key, list] of below) next.set(key, list);
  return next;
}

export interface TreeRow {
  /** Actions from the root to this node. */
  readonly path: readonly number[];
  readonly node: TreeNode;
  /** Who makes its move. */
  readonly turn: number | null;
}

/** What is visible, from top to bottom. */
export function rowsOf(branches: Branches, open: ReadonlySet<string>, path: readonly number[] = []): TreeRow[] {
  const list = branches.get(path.join());
  if (list === undefined) return [];
  return list.nodes.flatMap((node) => {
    const own = [...path, node.action];
    return [{ path: own, node, turn: list.turn }, ...(open.has(own.join()) ? rowsOf(branches, open, own) : [])];
  });
}
