/**
 * Makes connect4.ts: Connect Four positions with the exact score of every move, solved by our own solver and spread evenly
 * over plies 8 to 24. Half are random play, half come from games of weak UCT players, as real games have them.
 *
 *   node dist/arena/exam/generate.js [positions] > arena/exam/connect4.ts
 */
import { type Rng, OVER, createRng, createSearch, runSearch, createBatch } from '#engine';
import { Connect4Solver, Connect4State, connect4 } from '#games';

const LEAST = 8;
const MOST = 24;
/** uct players: simulations a move. */
const WEAK = 40;

async function play(rng: Rng, plies: number, weak: boolean): Promise<{ moves: string; state: Connect4State } | undefined> {
  const state = connect4.start(rng);
  const legal = new Int32Array(connect4.actionCount);
  const search = createSearch(connect4, { kind: 'uct', simulations: WEAK });
  const batch = createBatch(connect4, 1);
  let moves = '';
  while (moves.length < plies && state.turn !== OVER) {
    let action = legal[rng.below(state.legal(legal))];
    // A third of the weak players' moves are random too, so that games differ and mistakes are made.
    if (weak && rng.below(3) > 0) {
      search.restart(state, rng.fork('search', moves.length));
      await runSearch(search, batch);
      action = search.action(rng, 1);
    }
    state.apply(action);
    moves += action + 1;
  }
  return state.turn === OVER ? undefined : { moves, state };
}

const count = Number(process.argv[2] ?? 306);
const solver = new Connect4Solver(22);
const seen = new Set<string>();
const rows: string[] = [];
const root = createRng('connect4 exam');
for (let i = 0; rows.length < count; i++) {
  const rng = root.fork('position', i);
  const found = await play(rng, LEAST + (rows.length % (MOST - LEAST + 1)), rows.length % 2 === 0);
  if (found === undefined || seen.has(found.moves)) continue;
  seen.add(found.moves);
  rows.push(`${found.moves},${solver.scores(found.state).map((score) => score ?? '').join(';')}`);
  process.stderr.write(`\r${rows.length}/${count}`);
}
process.stdout.write(`/** Exact Connect Four positions; made by: node dist/arena/exam/generate.js ${count} > arena/exam/connect4.ts */
export const connect4Exam = \`moves,scores
${rows.join('\n')}
\`;
`);
