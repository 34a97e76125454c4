/** The clause on symmetries: a game and its transformed twin, played side by side. */
import { OVER } from '#engine';
import type { Game, Symmetry } from '#engine';
import type { Clause } from './clauses.js';
import { Walk, demand, legalOf, planesOf } from './walk.js';

export const symmetryClause: Clause = {
  id: 'symmetries',
  requires: 'symmetries are permutations, the identity first, under which a transformed game has the transformed planes and legal actions, the same turn and rewards',
  check(context) {
    const { game } = context;
    if (game.symmetries === undefined) return 'the game has none but the identity';
    demand(game.symmetries.length > 0, () => 'symmetries is empty: leave it out, or begin with the identity');
    for (const [i, symmetry] of game.symmetries.entries()) {
      const [, height, width] = game.planes;
      demandPermutation(`symmetries[${i}] (${symmetry.name}): cells`, symmetry.cells, height * width);
      demandPermutation(`symmetries[${i}] (${symmetry.name}): actions`, symmetry.actions, game.actionCount);
    }
    const [identity] = game.symmetries;
    demand(identity.cells.every((cell, i) => cell === i) && identity.actions.every((action, i) => action === i), () => 'symmetries[0] is not the identity');
    if (game.chance === 'sampled') return 'the game samples chance itself: only the permutations were checked';
    if (startsDiffer(game, context.seed)) return 'the game starts at random: only the permutations were checked';
    for (const symmetry of game.symmetries) {
      for (let episode = 0; episode < Math.min(5, context.episodes); episode++) follow(symmetry, context.walk(episode));
    }
    return undefined;
  },
};

function demandPermutation(what: string, table: Int32Array, size: number): void {
  demand(table?.length === size, () => `${what} should have ${size} entries`);
  demand(new Set(table).size === size && table.every((to) => Number.isInteger(to) && to >= 0 && to < size), () => `${what} is not a permutation of 0..${size - 1}`);
}

function startsDiffer(game: Game, seed: number): boolean {
  const first = planesOf(game, new Walk(game, seed, 0).state).join(' ');
  return [1, 2, 3].some((episode) => planesOf(game, new Walk(game, seed, episode).state).join(' ') !== first);
}

function follow(symmetry: Symmetry, walk: Walk): void {
  const { game } = walk;
  const twin = new Walk(game, walk.seed, walk.episode);
  const cells = symmetry.cells.length;
  for (;;) {
    const original = planesOf(game, walk.state);
    const turned = planesOf(game, twin.state);
    const wrong = turned.findIndex((value, at) => value !== original[at - (at % cells) + symmetry.cells[at % cells]]);
    demand(wrong < 0, () => `'${symmetry.name}': cell ${wrong % cells} of plane ${Math.floor(wrong / cells)} is ${turned[wrong]} in the transformed game, not that of cell ${symmetry.cells[wrong % cells]} of the original`);
    demand(walk.state.turn === twin.state.turn && walk.total === twin.total, () => `'${symmetry.name}': the transformed game has another turn or reward`);
    if (walk.state.turn === OVER || walk.ply > game.maxPlies) return;
    const expected = legalOf(game, walk.state).map((action) => symmetry.actions[action]).sort((a, b) => a - b);
    const found = legalOf(game, twin.state);
    demand(expected.join() === found.join(), () => `'${symmetry.name}': legal actions of the transformed game are ${found.join(' ')}, not ${expected.join(' ')}`);
    walk.step();
    twin.total += twin.state.apply(symmetry.actions[walk.actions[walk.ply - 1]], twin.gameRng);
  }
}
