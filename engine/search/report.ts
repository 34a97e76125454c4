/** A search's findings for people: slow to make, in the view of the seat to move at the root. */
import type { Action, SearchReport } from '../types.js';
import { likeliest, lineFrom } from './lines.js';
import type { Tree } from './tree.js';

/** `policy` [root edges] and `value` (seat-0 view) are what the selection policy recommends. */
export function makeReport(tree: Tree, policy: Float64Array, value: number, simulations: number, hasPriors: boolean): SearchReport {
  const sign = tree.turn[0] === 1 ? -1 : 1;
  const first = tree.firstEdge[0];
  const count = tree.edges[0];
  const proven = tree.provenValue(0);
  const actions = Array.from({ length: count }, (_, i) => {
    const e = first + i;
    const visited = tree.visits[e] > 0;
    return {
      action: tree.action[e],
      prior: hasPriors ? tree.prior[e] : 1 / count,
      visits: tree.visits[e],
      ...(visited && { value: clean(sign * tree.mean(e)) }),
      policy: policy[i],
      ...(tree.flags[e] !== 0 && { proven: clean(sign * tree.mean(e)) }),
    };
  }).sort((a, b) => a.action - b.action);
  return {
    simulations,
    value: clean(sign * value),
    actions,
    principalVariation: principalVariation(tree, policy),
    ...(!Number.isNaN(proven) && { proven: clean(sign * proven) }),
  };
}

/** The recommended move, then what is expected after it. */
function principalVariation(tree: Tree, policy: Float64Array): Action[] {
  // The root's policy decides there; visits break its ties.
  const first = tree.isChance(0) ? -1 : likeliest(tree, 0, (e) => policy[e - tree.firstEdge[0]] + 1e-9 * tree.visits[e]);
  return first < 0 ? [] : lineFrom(tree, first);
}

/** No negative zero in what people and JSON see. */
function clean(value: number): number {
  return value === 0 ? 0 : value;
}

/** The tree below `root` as indented text, seat-0 values, for golden tests and debugging: `action visits mean [proven]`. */
export function formatTree(tree: Tree, maxDepth: number, name: (action: Action) => string = String, root = 0): string {
  const lines: string[] = [];
  const walk = (node: number, depth: number): void => {
    const first = tree.firstEdge[node];
    const edges = Array.from({ length: tree.edges[node] }, (_, i) => first + i).filter((e) => tree.visits[e] > 0);
    edges.sort((a, b) => tree.visits[b] - tree.visits[a] || tree.action[a] - tree.action[b]);
    for (const e of edges) {
      const exact = tree.flags[e] === 0 ? '' : ' proven';
      lines.push(`${'  '.repeat(depth)}${name(tree.action[e])} ${tree.visits[e]} ${clean(tree.mean(e)).toFixed(3)}${exact}`);
      if (depth + 1 < maxDepth && tree.child[e] >= 0) walk(tree.child[e], depth + 1);
    }
  };
  if (tree.nodeCount > root) walk(root, 0);
  return lines.join('\n');
}
