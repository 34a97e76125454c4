/** How fast the tree searches run on one thread: no network, so that the search itself is what is measured. */
import { createBatch, createRng, createSearch, runSearch } from '#engine';
import type { Batch, Evaluator, Game, SearchConfig } from '#engine';
import { connect4, ticTacToe } from '#games';

export interface SearchBenchmark {
  /** Simulations a second from the empty board, 10,000 a search, one random playout each; by game. */
  uct: Record<string, number>;
  /** Simulations a second with an evaluator that costs nothing, 200 a search, 64 trees in lock-step; by game. */
  puct: Record<string, number>;
  gumbel: Record<string, number>;
}

const games: readonly Game[] = [ticTacToe, connect4];

/** Logits 0 and a small value that differs from position to position: trees grow as uneven as real ones. */
function trivialEvaluator(game: Game): Evaluator {
  const area = game.planes[0] * game.planes[1] * game.planes[2];
  return {
    async evaluate(batch: Batch): Promise<void> {
      batch.logits.fill(0, 0, batch.size * game.actionCount);
      for (let row = 0; row < batch.size; row++) {
        let hash = row;
        for (let i = 0; i < area; i++) hash = (Math.imul(hash, 31) + batch.planes[row * area + i]) | 0;
        batch.values[row] = (hash & 255) / 512 - 0.25;
      }
    },
  };
}

async function uct(game: Game, seconds: number): Promise<number> {
  const rng = createRng(1);
  const search = createSearch(game, { kind: 'uct', simulations: 10_000 });
  const batch = createBatch(game, 1);
  const root = game.start(rng);
  let best = 0;
  const end = performance.now() + 1000 * seconds;
  do {
    let simulations = 0;
    const start = performance.now();
    for (let i = 0; i < 10; i++) {
      search.restart(root, rng);
      await runSearch(search, batch);
      simulations += search.report().simulations;
    }
    // The best of several: other processes only ever slow a round down.
    best = Math.max(best, (1000 * simulations) / (performance.now() - start));
  } while (performance.now() < end);
  return Math.round(best);
}

async function batched(game: Game, config: SearchConfig, seconds: number): Promise<number> {
  const rng = createRng(1);
  const searches = Array.from({ length: 64 }, () => createSearch(game, config));
  const batch = createBatch(game, searches.length);
  const evaluator = trivialEvaluator(game);
  let best = 0;
  const end = performance.now() + 1000 * seconds;
  do {
    let simulations = 0;
    const start = performance.now();
    searches.forEach((search, i) => search.restart(game.start(rng), rng.fork('tree', i)));
    for (let busy = true; busy; ) {
      batch.size = 0;
      for (const search of searches) search.collect(batch, 1);
      if (batch.size > 0) await evaluator.evaluate(batch);
      busy = false;
      for (const search of searches) {
        search.absorb(batch);
        if (search.remaining > 0) busy = true;
      }
    }
    for (const search of searches) simulations += search.report().simulations;
    best = Math.max(best, (1000 * simulations) / (performance.now() - start));
  } while (performance.now() < end);
  return Math.round(best);
}

/** Takes about `seconds` in all. */
export async function benchSearch(options: { seconds: number }): Promise<SearchBenchmark> {
  const each = options.seconds / (3 * games.length);
  const result: SearchBenchmark = { uct: {}, puct: {}, gumbel: {} };
  for (const game of games) {
    result.uct[game.id] = await uct(game, each);
    result.puct[game.id] = await batched(game, { kind: 'puct', simulations: 200 }, each);
    result.gumbel[game.id] = await batched(game, { kind: 'gumbel', simulations: 200 }, each);
  }
  return result;
}
