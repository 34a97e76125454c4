/** `ludus games`: what there is, a template for a game of your own, and the contract suite. */
import { existsSync, writeFileSync } from 'node:fs';
import { UserError, type Game } from '#engine';
import { allGames, newGameTemplate, solverFor } from '#games';
import { checkGame, describeReport } from '#games/contract';
import { printResult, table } from '../output.js';
import { gameOf } from '../setup.js';

export async function list(options: { json?: boolean }): Promise<void> {
  const { gameTask, suitableAlgorithms } = await import('#selfplay/tasks');
  const learners = (game: Game): string[] => {
    const others = suitableAlgorithms(gameTask(game)).map(({ name }) => name);
    return game.seats === 2 && game.chance !== 'sampled' ? ['alphazero', ...others] : others;
  };
  const rows = (await allGames()).map((game) => ({
    algorithms: learners(game),
    id: game.id,
    name: game.name,
    version: game.version,
    seats: game.seats,
    actions: game.actionCount,
    planes: game.planes,
    chance: game.chance,
    solver: solverFor(game) !== undefined,
  }));
  printResult(options.json === true, { games: rows }, () =>
    table([
      ['id', 'name', 'seats', 'actions', 'planes', 'exact solver', 'learnt by (--algo)'],
      ...rows.map((row) => [row.id, row.name, String(row.seats), String(row.actions), row.planes.join('×'), row.solver ? 'yes' : 'no', shortList(row.algorithms)]),
    ]),
  );
}

/** The first few; `ludus games --json` has them all. */
function shortList(names: readonly string[]): string {
  const shown = 5;
  return names.length <= shown + 1 ? names.join(' ') : `${names.slice(0, shown).join(' ')} and ${names.length - shown} more`;
}

export function create(name: string, options: { json?: boolean }): void {
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name)) {
    throw new UserError('usage', `'${name}' cannot be a game's id: use lower-case letters, digits and '-', beginning with a letter, such as my-game.`);
  }
  const file = `${name}.js`;
  if (existsSync(file)) throw new UserError('usage', `${file} exists already and is left as it is; choose another name.`);
  writeFileSync(file, newGameTemplate(name), { flag: 'wx' });
  printResult(options.json === true, { file, next: [`ludus games check ./${file}`, `ludus train ./${file} --minutes 2`] }, () =>
    `Wrote ${file}. It is a complete small game: change it, then\n  ludus games check ./${file}\n  ludus train ./${file} --minutes 2`,
  );
}

export async function check(name: string, options: { episodes: number; seed: number; json?: boolean }): Promise<void> {
  const { game } = await gameOf(name);
  const report = checkGame(game, { seed: options.seed, episodes: options.episodes });
  printResult(options.json === true, report, () => describeReport(report));
  if (!report.ok) process.exitCode = 1;
}
