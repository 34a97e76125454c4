/** Writes PGN of many random games: `node dist/bench/make-pgn.js GAMES [SEED] > FILE`. One in a thousand is damaged, one repeated. */
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { OVER, createRng } from '#engine';
import { ChessState, INITIAL_FEN, chess, makePgn, type Result } from '#games/chess';

const MOST_PLIES = 80;

/** Game `index` of a seed, as PGN. */
export function randomPgn(seed: number, index: number): string {
  const rng = createRng(seed).fork('game', index - (index % 1000 === 999 ? 1 : 0));
  const state = new ChessState();
  const legal = new Int32Array(chess.actionCount);
  const actions: number[] = [];
  let reward = 0;
  while (actions.length < MOST_PLIES && state.turn !== OVER) {
    const action = legal[rng.below(state.legal(legal))];
    reward = state.apply(action);
    actions.push(action);
  }
  const result: Result = (['0-1', '1/2-1/2', '1-0'] as const)[(state.turn === OVER ? reward : rng.below(3) - 1) + 1];
  const text = makePgn({
    tags: [['Event', 'Random games'], ['Site', 'nowhere'], ['Date', '2026.01.01'], ['Round', String(index + 1)], ['White', 'A'], ['Black', 'B'], ['WhiteElo', String(1000 + rng.below(1500))], ['BlackElo', String(1000 + rng.below(1500))]],
    fen: INITIAL_FEN, actions, result,
  });
  return `${index % 1000 === 500 ? text.replace(/ 10\. \S+/, ' 10. Ke9') : text}\n`;
}

async function main(): Promise<void> {
  const [games, seed] = [Number(process.argv[2] ?? 1000), Number(process.argv[3] ?? 1)];
  for (let index = 0; index < games; ) {
    let chunk = '';
    for (const end = Math.min(games, index + 1000); index < end; index++) chunk += randomPgn(seed, index);
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
