/** The lines of play that a search expects from the root, best first: what chess programs call multiple variations. */
import type { Action } from '../types.js';
import { LOST, TERMINAL } from './tree.js';
import type { Tree } from './tree.js';

export interface SearchLine {
  /** Root move first. */
  readonly actions: readonly Action[];
  readonly visits: number;
  /** Mean return of the root move, view of the seat to move at the root; undefined when it was never visited. */
  readonly value?: number;
  /** Exact result of the root move, if the search proved it. */
  readonly proven?: number;
  /** Of a proven win or loss: the game is over in at most so many plies, whatever the losing side does. */
  readonly plies?: number;
}

/** The `count` best root moves: `first` [edge], then by `weights` [root edges], then by visits and prior. */
export function makeLines(tree: Tree, first: number, weights: Float64Array, count: number): SearchLine[] {
  const begin = tree.firstEdge[0];
  const sign = tree.turn[0] === 1 ? -1 : 1;
  const rank = (e: number): number => (e === first ? Infinity : weights[e - begin]);
  const edges = Array.from({ length: tree.edges[0] }, (_, i) => begin + i);
  edges.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(b) - rank(a)) || tree.visits[b] - tree.visits[a] || tree.prior[b] - tree.prior[a]);
  return edges.slice(0, count).map((e) => {
    const value = tree.visits[e] > 0 ? sign * tree.mean(e) + 0 : undefined;
    const proven = tree.flags[e] !== 0 ? value : undefined;
    const plies = proven === undefined || proven === 0 ? Infinity : pliesToEnd(tree, e);
    return {
      actions: lineFrom(tree, e),
      visits: tree.visits[e],
      ...(value === undefined ? {} : { value }),
      ...(proven === undefined ? {} : { proven }),
      ...(Number.isFinite(plies) ? { plies } : {}),
    };
  });
}

/** An edge's action and what is expected after it: most visits; below a proven node a move that reaches its value. Stops at chance. */
export function lineFrom(tree: Tree, edge: number): Action[] {
  const line = [tree.action[edge]];
  for (let e = edge; tree.child[e] >= 0 && !tree.isChance(tree.child[e]); ) {
    e = likeliest(tree, tree.child[e], (i) => tree.visits[i]);
    if (e < 0) break;
    line.push(tree.action[e]);
  }
  return line;
}

/** The node's edge of most weight among those that proofs allow; -1 when none has any. */
export function likeliest(tree: Tree, node: number, weight: (edge: number) => number): number {
  const proven = tree.provenValue(node);
  let best = -1;
  let bestWeight = 0;
  for (let e = tree.firstEdge[node], end = e + tree.edges[node]; e < end; e++) {
    if (Number.isNaN(proven) ? tree.flags[e] === LOST : !tree.provenAs(e, proven)) continue;
    const w = weight(e);
    if (w > bestWeight) {
      best = e;
      bestWeight = w;
    }
  }
  return best;
}

/** Plies to the end through an edge proven won or lost: the winner takes the quickest proven way, the loser the slowest. Infinity where the tree does not hold it. */
function pliesToEnd(tree: Tree, edge: number): number {
  const node = tree.child[edge];
  if (node === TERMINAL) return 1;
  if (node < 0 || tree.isChance(node)) return Infinity;
  const value = tree.mean(edge) - tree.reward[edge];
  const wins = tree.turn[node] === 0 ? value > 0 : value < 0;
  let plies = wins ? Infinity : 0;
  for (let e = tree.firstEdge[node], end = e + tree.edges[node]; e < end; e++) {
    if (wins && !tree.provenAs(e, value)) continue;
    if (!wins && tree.flags[e] === 0) return Infinity;
    const below = pliesToEnd(tree, e);
    plies = wins ? Math.min(plies, below) : Math.max(plies, below);
  }
  return 1 + plies;
}
