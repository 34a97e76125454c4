/** Exact positions that ship with the program, to measure checkpoints by: never the ones that the tests hold back. */
import { type Game, OVER, type State, cloneState, createRng } from '#engine';
import { connect4, solverFor, ticTacToe } from '#games';
import { type JudgedPosition, parsePositions } from '../evaluate.js';
import { connect4Exam } from './connect4.js';

/** Every unfinished position of tic-tac-toe, 4,520 of them, by one line of moves each. */
function allTicTacToe(): JudgedPosition[] {
  const solver = solverFor(ticTacToe)!;
  const rng = createRng(0);
  const legal = new Int32Array(ticTacToe.actionCount);
  const seen = new Set<string>();
  const out: JudgedPosition[] = [];
  const key = new Uint32Array(4);
  const visit = (state: State, moves: string, ply: number): void => {
    state.key(key);
    if (state.turn === OVER || seen.has(key.join())) return;
    seen.add(key.join());
    const actions = Array.from(legal.subarray(0, state.legal(legal)));
    const scores = solver.scores(state as never);
    out.push({ moves, ply, scores, value: Math.max(...actions.map((a) => scores[a] ?? -Infinity)) });
    for (const action of actions) {
      const next = cloneState(ticTacToe, state as never, rng);
      const name = ticTacToe.actionName(state as never, action);
      next.apply(action);
      visit(next, moves + name, ply + 1);
    }
  };
  visit(ticTacToe.start(rng), '', 0);
  return out;
}

const exams = new Map<Game, () => JudgedPosition[]>([
  [ticTacToe, allTicTacToe],
  [connect4, () => parsePositions(connect4, connect4Exam, 'the exam')],
]);
const made = new Map<Game, readonly JudgedPosition[]>();

/** The game's exam, empty where it is not solved. */
export function examPositions(game: Game): readonly JudgedPosition[] {
  let positions = made.get(game);
  if (positions === undefined) made.set(game, (positions = exams.get(game)?.() ?? []));
  return positions;
}
