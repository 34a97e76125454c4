/** `ludus solve`: the exact score of every move of a position. */
import { OVER, UserError } from '#engine';
import { solverFor } from '#games';
import { printResult, table } from '../output.js';
import { gameOf, positionOf } from '../setup.js';

const OUTCOME = { '-1': 'loss', '0': 'draw', '1': 'win' } as const;

export async function solve(gameName: string, moves: string, options: { nodes?: number; json?: boolean }): Promise<void> {
  const { game } = await gameOf(gameName);
  const solver = solverFor(game);
  if (solver === undefined) throw new UserError('usage', `there is no exact solver for ${game.name}; there is one for tic-tac-toe and connect4.`);
  const state = positionOf(game, moves);
  if (state.turn === OVER) throw new UserError('usage', `the game is over in '${moves}': there is no move to score.`);
  const started = performance.now();
  const scores = options.nodes === undefined ? solver.scores(state) : solver.scores(state, { nodes: options.nodes });
  if (scores === undefined) throw new UserError('usage', `not solved within ${options.nodes} positions; raise --nodes or leave it out.`);
  const millis = performance.now() - started;
  const rows = scores.flatMap((score, action) => (score === undefined ? [] : [{ move: game.actionName(state, action), score }]));
  const best = Math.max(...rows.map((row) => row.score));
  const result = {
    game: game.id,
    moves,
    value: Math.sign(best),
    outcome: OUTCOME[String(Math.sign(best)) as keyof typeof OUTCOME],
    best: rows.filter((row) => row.score === best).map((row) => row.move),
    scores: Object.fromEntries(rows.map((row) => [row.move, row.score])),
    milliseconds: Math.round(millis * 10) / 10,
  };
  printResult(options.json === true, result, () =>
    [
      game.render?.(state) ?? '',
      table([['move', 'score', ''], ...rows.map((row) => [row.move, String(row.score), row.score === best ? `best, ${OUTCOME[String(Math.sign(row.score)) as keyof typeof OUTCOME]}` : ''])], [false, true]),
      `${solver.convention} Solved in ${result.milliseconds} ms.`,
    ].join('\n'),
  );
}
