/** Running searches in tests, and looking into their trees. */
import { createRng } from '../../rng.js';
import type { Evaluator, Game, State } from '../../types.js';
import { createBatch } from '../batch.js';
import type { SearchConfig } from '../config.js';
import type { TreeSearch } from '../core.js';
import { createSearch, runSearch } from '../create.js';
import type { SearchOptions } from '../create.js';
import { ignorant } from './games.js';

/** A finished search from `root`. */
export async function searched<S extends State>(
  game: Game<S>, root: S, config: SearchConfig, more: SearchOptions & { evaluator?: Evaluator; leaves?: number; seed?: number | string } = {},
): Promise<TreeSearch<S>> {
  const search = createSearch(game, config, more);
  search.restart(root, createRng(more.seed ?? 1));
  await runSearch(search, createBatch(game, more.leaves ?? 1), more.evaluator ?? ignorant(game), more.leaves ?? 1);
  return search;
}

/** The search's choice at temperature 0. */
export function choice(search: TreeSearch<State>): number {
  return search.action(createRng(0));
}

/** Everything a tree holds, to the last bit. */
export function contents(search: { tree: TreeSearch<State>['tree'] }): unknown {
  const { tree } = search;
  const node = (from: Int32Array | Int8Array | Float32Array) => [...from.subarray(0, tree.nodeCount)];
  const edge = (from: Int32Array | Uint16Array | Uint8Array | Float32Array | Float64Array) => [...from.subarray(0, tree.edgeCount)];
  return {
    firstEdge: node(tree.firstEdge), edges: node(tree.edges), nodeVisits: node(tree.nodeVisits), turn: node(tree.turn), nodeValue: node(tree.nodeValue),
    action: edge(tree.action), prior: edge(tree.prior), visits: edge(tree.visits), valueSum: edge(tree.valueSum), reward: edge(tree.reward),
    child: edge(tree.child), pending: edge(tree.pending), flags: edge(tree.flags),
  };
}

/** Calls `visit` for each visited edge below the root with the position before it. */
export function walkTree<S extends State>(game: Game<S>, search: TreeSearch<S>, root: S, visit: (state: S, edge: number, node: number) => void): void {
  const { tree } = search;
  const rng = createRng(0);
  const walk = (state: S, node: number): void => {
    const first = tree.firstEdge[node];
    for (let e = first; e < first + tree.edges[node]; e++) {
      if (tree.visits[e] === 0) continue;
      visit(state, e, node);
      if (tree.child[e] < 0) continue;
      const child = game.start(rng);
      child.copyFrom(state);
      child.apply(tree.action[e], rng);
      walk(child, tree.child[e]);
    }
  };
  walk(root, 0);
}
