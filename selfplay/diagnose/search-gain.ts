/**
 * Whether the search improves on the raw policy: games of the network with the run's search against the network's likeliest
 * move, in lock-step, in pairs with sides swapped from one random opening each. A search that loses to its own policy is
 * led astray by values.
 */
import { CHANCE, OVER, cloneState, createBatch, createRng, createSearch, type Batch, type Game, type Rng, type Search, type State } from '#engine';
import { NetworkEvaluator, openModel } from '#engine/node';
import { selfPlaySearch } from '../actor.js';
import { scheduled } from '../config-schema.js';
import type { Evidence } from './evidence.js';
import { percent, question, type Finding } from './finding.js';

/** Network rows that the games may take, about. */
const BUDGET = 30_000;
const [FEWEST_PAIRS, MOST_PAIRS] = [6, 32];
const OPENING_PLIES = 4;
/** With fewer simulations a search that changes nothing is merely too small. */
const ENOUGH = 8;

interface Contest {
  readonly state: State;
  readonly search: Search;
  /** Seat of the search. */
  readonly seat: number;
  readonly rng: Rng;
  ply: number;
  /** The search has been set up for this position. */
  searching: boolean;
  /** Row of the batch in which the raw policy asked; -1 when it did not. */
  row: number;
  result: number;
}

export interface SearchGain {
  readonly wins: number;
  readonly draws: number;
  readonly losses: number;
  /** Share of the points, and its 95 % half-width by pairs. */
  readonly points: number;
  readonly error: number;
}

export async function playSearchAgainstPolicy(evidence: Evidence, onGame: (done: number, games: number) => void): Promise<SearchGain & { simulations: number }> {
  const { game, config, checkpoint, games } = evidence;
  const simulations = Math.max(1, Math.round(scheduled(config.search.simulations, checkpoint.manifest.step)));
  const length = games.reduce((sum, { actions }) => sum + actions.length, 0) / Math.max(1, games.length);
  const pairs = Math.min(MOST_PAIRS, Math.max(FEWEST_PAIRS, Math.round(BUDGET / (simulations * Math.max(4, length)))));
  const settings = { ...selfPlaySearch(config, simulations), noise: false };
  const contests: Contest[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const rng = createRng('search gain').fork('pair', pair);
    const opening = openingOf(game, rng);
    for (const seat of [0, 1]) {
      contests.push({ state: cloneState(game, opening, rng), search: createSearch(game, settings), seat, rng: rng.fork('seat', seat), ply: 0, searching: false, row: -1, result: 0 });
    }
  }
  const inference = await openModel(checkpoint.model, { device: 'cpu', threads: 1 });
  const evaluator = new NetworkEvaluator(inference);
  const batch = createBatch(game, contests.length);
  const legal = new Int32Array(game.actionCount);
  let over = 0;
  try {
    while (over < contests.length) {
      batch.size = 0;
      for (const contest of contests) if (contest.state.turn !== OVER) advance(contest, game, batch, legal);
      await evaluator.evaluate(batch);
      for (const contest of contests) {
        if (contest.searching) contest.search.absorb(batch);
        if (contest.row < 0) continue;
        const count = contest.state.legal(legal);
        const logits = batch.logits.subarray(contest.row * game.actionCount, (contest.row + 1) * game.actionCount);
        let best = legal[0];
        for (let i = 1; i < count; i++) if (logits[legal[i]] > logits[best]) best = legal[i];
        contest.row = -1;
        play(contest, best);
      }
      const done = contests.filter(({ state }) => state.turn === OVER).length;
      if (done > over) onGame(done, contests.length);
      over = done;
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    await evaluator.close();
  }
  return { ...score(contests), simulations };
}

/** A position after a few random moves that is not over. */
function openingOf(game: Game, rng: Rng): State {
  const legal = new Int32Array(game.actionCount);
  for (let plies = Math.min(OPENING_PLIES, Math.floor(game.maxPlies / 3)); ; plies = Math.max(0, plies - 1)) {
    const state = game.start(rng);
    for (let ply = 0; state.turn !== OVER && (ply < plies || state.turn === CHANCE); ply++) state.apply(state.turn === CHANCE ? chanceOf(state, legal, rng) : legal[rng.below(state.legal(legal))], rng);
    if (state.turn !== OVER || plies === 0) return state;
  }
}

function chanceOf(state: State, legal: Int32Array, rng: Rng): number {
  const last = state.legal(legal) - 1;
  const odds = new Float32Array(legal.length);
  state.chances?.(odds);
  let left = rng.float();
  let i = 0;
  while (i < last && (left -= odds[i]) >= 0) i++;
  return legal[i];
}

/** Plays what needs no network, then asks for the next row. */
function advance(contest: Contest, game: Game, batch: Batch, legal: Int32Array): void {
  const { state, search, rng } = contest;
  for (;;) {
    if (state.turn === OVER) return;
    if (state.turn === CHANCE) {
      play(contest, chanceOf(state, legal, rng));
    } else if (state.turn !== contest.seat) {
      const row = batch.size++;
      const size = batch.planes.length / batch.capacity;
      state.observe(batch.planes.subarray(row * size, (row + 1) * size));
      contest.row = row;
      return;
    } else {
      if (!contest.searching) {
        search.restart(state, rng.fork('search', contest.ply));
        contest.searching = true;
      }
      if (search.remaining > 0) {
        search.collect(batch, 1);
        return;
      }
      play(contest, search.action(rng, 0));
    }
    if (contest.ply > game.maxPlies) throw new Error(`a game of ${game.id} went on beyond its ${game.maxPlies} plies`);
  }
}

function play(contest: Contest, action: number): void {
  contest.result += contest.state.apply(action, contest.rng);
  contest.ply++;
  contest.searching = false;
}

function score(contests: readonly Contest[]): SearchGain {
  const own = contests.map(({ result, seat }) => Math.sign(seat === 0 ? result : -result));
  const pairs = Array.from({ length: own.length / 2 }, (_, i) => (own[2 * i] + own[2 * i + 1] + 2) / 4);
  const points = pairs.reduce((sum, p) => sum + p, 0) / pairs.length;
  const variance = pairs.reduce((sum, p) => sum + (p - points) ** 2, 0) / Math.max(1, pairs.length - 1);
  const count = (result: number) => own.filter((r) => r === result).length;
  return { wins: count(1), draws: count(0), losses: count(-1), points, error: 1.96 * Math.sqrt(variance / pairs.length) };
}

export async function searchImproves(evidence: Evidence, onGame: (done: number, games: number) => void): Promise<Finding> {
  const answer = question('search-gain', 'Does the search improve on the raw policy?', 'more than half of the points against the network\'s likeliest moves; clearly less is a problem');
  const { wins, draws, losses, points, error, simulations } = await playSearchAgainstPolicy(evidence, onGame);
  const told = `${percent(points)} ± ${percent(error)} of the points with ${simulations} simulations (+${wins} =${draws} −${losses})`;
  if (points + error < 0.5) {
    return answer('problem', points, told, 'The search plays worse than the policy that it starts from: its values lead it astray.', 'See the checks of the value; with gumbel lower search.valueScale, with puct raise search.exploration.');
  }
  if (points - error > 0.5) return answer('ok', points, told, 'The search finds better moves than the network alone: there is something to learn from it.');
  // Splitting nearly every pair is what two players of one strength do where openings decide.
  if (error < 0.05 && simulations >= ENOUGH) return answer('ok', points, told, 'Policy and search play alike: the network knows what this search can teach.');
  return answer('warning', points, told, 'The search hardly improves on the raw policy: there is little to learn from it.', 'Raise search.simulations; if values are poor, raise learner.valueWeight first.');
}
