/** The clause on playouts: the fast path against legal + apply, by statistics. */
import { OVER, cloneState, createRng } from '#engine';
import type { Game, Rng, State } from '#engine';
import type { Clause } from './clauses.js';
import { demand, finish, planesOf, randomAction } from './walk.js';

/** Standard errors between two means at which they count as different; by chance once in some 10^7 comparisons. */
const LIMIT = 5.5;
/** Plies that the clause may play in all, by each way. */
const PLIES = 150_000;

export const playoutClause: Clause = {
  id: 'playout',
  requires: 'playout() ends the game and is distributed as uniformly random play by legal() and apply(): the same returns and final planes on average',
  check(context) {
    const { game } = context;
    const plan = context.walk(0);
    if (plan.state.playout === undefined) return 'the game has no playout()';
    finish(plan, () => {});
    // From the start, from a third and from two thirds of a random game.
    const games = Math.min(3000, Math.max(200, Math.floor(PLIES / 2 / plan.ply)));
    for (const part of [0, 1, 2]) {
      const walk = context.walk(0);
      while (walk.ply < Math.floor((plan.ply * part) / 3)) walk.step();
      const rng = createRng(context.seed).fork('contract playout', part);
      const slow = sample(game, walk.state, games, rng.fork('slow'), playSlowly);
      const fast = sample(game, walk.state, games, rng.fork('fast'), (state, _game, stream) => {
        const total = state.playout?.(stream);
        demand(typeof total === 'number' && Number.isFinite(total), () => `playout() returned ${String(total)}`);
        demand(state.turn === OVER, () => 'playout() left the game unfinished');
        return total;
      });
      compare(game, slow, fast, games);
    }
    return undefined;
  },
};

function playSlowly(state: State, game: Game, rng: Rng): number {
  let total = 0;
  for (let ply = 0; state.turn !== OVER && ply <= game.maxPlies; ply++) total += state.apply(randomAction(game, state, rng), rng);
  return total;
}

interface Sample {
  /** [1 + size of the planes]: sums over games of the return, then of each number of the final planes. */
  readonly sums: Float64Array;
  readonly squares: Float64Array;
}

function sample(game: Game, root: State, games: number, rng: Rng, play: (state: State, game: Game, rng: Rng) => number): Sample {
  const size = game.planes[0] * game.planes[1] * game.planes[2];
  const sums = new Float64Array(1 + size);
  const squares = new Float64Array(1 + size);
  for (let i = 0; i < games; i++) {
    const state = cloneState(game, root, rng);
    const total = play(state, game, rng);
    const seen = [total, ...planesOf(game, state)];
    for (const [at, value] of seen.entries()) {
      sums[at] += value;
      squares[at] += value * value;
    }
  }
  return { sums, squares };
}

/** Welch's test on each mean. */
function compare(game: Game, slow: Sample, fast: Sample, games: number): void {
  for (let at = 0; at < slow.sums.length; at++) {
    const a = slow.sums[at] / games;
    const b = fast.sums[at] / games;
    const variance = Math.max(0, slow.squares[at] / games - a * a) + Math.max(0, fast.squares[at] / games - b * b);
    // A number that hardly ever varies is given the spread of one game out of them.
    const error = Math.sqrt(Math.max(variance, 1 / games) / games);
    const what = at === 0 ? 'the return to seat 0' : `number ${at - 1} of the final planes`;
    demand(Math.abs(a - b) <= LIMIT * error, () => `${what} is ${b.toFixed(3)} on average after playout(), but ${a.toFixed(3)} after random legal() + apply() (${games} games of ${game.id} each, ${(Math.abs(a - b) / error).toFixed(1)} standard errors apart)`);
  }
}
