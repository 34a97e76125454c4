/** `ludus generate`: a strong player plays and labels games for others to learn from. */
import { generate } from '#arena';
import { onInterrupt } from '../interrupt.js';
import { StatusLine, count, duration, percent, printResult } from '../output.js';
import { gameOf } from '../setup.js';

interface GenerateCommand {
  readonly engine: string;
  readonly games: number;
  readonly out: string;
  readonly nodes?: number;
  readonly multipv: number;
  readonly temperature: number;
  readonly randomPlies: readonly [number, number];
  readonly mistakes: number;
  readonly playOut: number;
  readonly maxPlies: number;
  readonly seed: number;
  readonly workers: number;
  readonly json?: boolean;
}

export async function generateGames(gameName: string, options: GenerateCommand): Promise<void> {
  const { game, spec } = await gameOf(gameName);
  const line = new StatusLine(options.json === true);
  const controller = new AbortController();
  const release = onInterrupt(() => {
    line.note('ending after the games in progress …');
    controller.abort();
  });
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  let result: Awaited<ReturnType<typeof generate>>;
  try {
    result = await generate({
      ...options,
      game: spec,
      signal: controller.signal,
      onProgress: ({ games, fresh, positions }) => {
        const rate = fresh / seconds();
        line.update(`${count(games)}/${count(options.games)} games · ${rate.toFixed(2)} games/s · ${count(positions)} positions (${count(positions / seconds())}/s) · ${duration((options.games - games) / rate)} left`);
      },
      onFailure: (message) => line.note(`warning: ${message}`),
    });
  } finally {
    release();
    line.end();
  }
  const { games, fresh, positions, wins, draws, losses, interrupted } = result;
  const all = { out: options.out, game: game.id, engine: options.engine, ...result, seconds: seconds(), positionsPerSecond: positions / seconds() };
  printResult(options.json === true, all, () =>
    [
      `${interrupted ? 'Interrupted' : 'Done'}: ${count(games)} games in ${options.out}; ${count(fresh)} of them new, with ${count(positions)} labelled positions, in ${duration(seconds())} (${count(positions / seconds())} positions/s)`,
      ...(fresh === 0 ? [] : [`  won by White ${percent(wins / fresh)}, drawn ${percent(draws / fresh)}, won by Black ${percent(losses / fresh)}`]),
      ...(interrupted ? ['  the same command goes on'] : []),
    ].join('\n'),
  );
  if (interrupted) process.exitCode = 130;
}
