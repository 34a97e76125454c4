/** A search tree laid open, some levels at a time: for people, slow to make. */
import type { Action } from '../types.js';
import type { Tree } from './tree.js';

/** One edge, and the node that it leads to. Values from the view of the seat that chooses the action (seat 0's at chance). */
export interface UnfoldedEdge {
  /** Place of its parent in the list, always before it; -1 for the edges of the node that was asked for. */
  readonly parent: number;
  readonly action: Action;
  readonly visits: number;
  /** Mean value, undefined when never visited. */
  readonly value?: number;
  /** The network's prior; 1 / legal for playouts; the odds at chance nodes. */
  readonly prior: number;
  /** Exact result, if the search proved it. */
  readonly proven?: number;
  /** Seat to move below it; undefined at chance, where the game is over, and where nobody has looked. */
  readonly turn?: 0 | 1;
  /** Actions below it: more than are listed where the levels end. */
  readonly children: number;
}

export interface Unfolded {
  /** Seat to move at the node that was asked for; undefined at chance. */
  readonly turn?: 0 | 1;
  /** The first level whole, below it only what was visited; each node's children by visits, at most `most` in all. */
  readonly edges: readonly UnfoldedEdge[];
}

const seatOf = (turn: number): { turn?: 0 | 1 } => (turn === 0 || turn === 1 ? { turn } : {});

/** The tree below the node that `path` leads to, `levels` deep; undefined where the tree does not reach that far. */
export function unfoldTree(tree: Tree, path: readonly Action[], levels: number, most: number, hasPriors: boolean): Unfolded | undefined {
  if (tree.nodeCount === 0) return undefined;
  let node = 0;
  for (const action of path) {
    const edge = tree.findEdge(node, action);
    if (edge < 0 || tree.child[edge] < 0) return undefined;
    node = tree.child[edge];
  }
  const edges: UnfoldedEdge[] = [];
  let nodes = [{ node, parent: -1 }];
  for (let level = 0; level < levels && nodes.length > 0; level++) {
    const below: typeof nodes = [];
    for (const { node: at, parent } of nodes) {
      const first = tree.firstEdge[at];
      const count = tree.edges[at];
      const sign = tree.turn[at] === 1 ? -1 : 1;
      const listed = Array.from({ length: count }, (_, i) => first + i).filter((e) => level === 0 || tree.visits[e] > 0);
      listed.sort((a, b) => tree.visits[b] - tree.visits[a] || tree.action[a] - tree.action[b]);
      for (const e of listed) {
        if (edges.length >= most) return { ...seatOf(tree.turn[node]), edges };
        const child = tree.child[e];
        const value = tree.visits[e] > 0 ? sign * tree.mean(e) + 0 : undefined;
        if (child >= 0) below.push({ node: child, parent: edges.length });
        edges.push({
          parent, action: tree.action[e], visits: tree.visits[e], prior: hasPriors || tree.isChance(at) ? tree.prior[e] : 1 / count,
          ...(value === undefined ? {} : { value }), ...(tree.flags[e] === 0 || value === undefined ? {} : { proven: value }),
          ...(child >= 0 ? seatOf(tree.turn[child]) : {}), children: child >= 0 ? tree.edges[child] : 0,
        });
      }
    }
    nodes = below;
  }
  return { ...seatOf(tree.turn[node]), edges };
}
