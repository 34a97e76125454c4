/** `ludus match`: colour-swapped pairs between two agents. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { runMatch, type MatchResult } from '#arena';
import { count, percent, printResult, Progress } from '../output.js';
import { gameOf } from '../setup.js';
import { interruptible } from '../interrupt.js';

interface MatchCommand {
  readonly game: string;
  readonly a: string;
  readonly b: string;
  readonly pairs: number;
  readonly plies?: number;
  readonly seed: number;
  readonly threads?: number;
  readonly device: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  readonly gamesFile?: string;
  readonly json?: boolean;
}

const elo = (result: MatchResult): string =>
  result.elo === null ? 'Elo n/a (all games ended alike)' : `Elo ${result.elo >= 0 ? '+' : ''}${result.elo.toFixed(1)} ± ${result.error?.toFixed(1) ?? 'n/a'}`;

export async function match(options: MatchCommand): Promise<void> {
  const { game, spec } = await gameOf(options.game);
  const progress = new Progress(`${options.a} – ${options.b}`, 2 * options.pairs, 'games', options.json);
  const file = options.gamesFile === undefined ? undefined : openSync(options.gamesFile, 'a');
  const result = await interruptible((signal) =>
    runMatch({
      game: spec,
      a: options.a,
      b: options.b,
      pairs: options.pairs,
      seed: options.seed,
      signal,
      device: options.device,
      ...(options.threads === undefined ? {} : { threads: options.threads }),
      ...(options.plies === undefined ? {} : { openingPlies: [options.plies, options.plies] as const }),
      onProgress: (sofar) => progress.update(sofar.games, `+${sofar.wins} =${sofar.draws} −${sofar.losses}  ${elo(sofar)}`),
      onGame: (record) => {
        if (file !== undefined) writeSync(file, `${JSON.stringify({ game: game.id, a: options.a, b: options.b, seed: options.seed, ...record })}\n`);
      },
    }),
  );
  progress.end();
  if (file !== undefined) closeSync(file);
  printResult(options.json === true, result, () =>
    [
      `${result.a} against ${result.b}, ${game.name}: ${count(result.games)} games in ${result.pairs.reduce((x, y) => x + y, 0)} pairs${result.interrupted ? ' (interrupted)' : ''}`,
      `  +${result.wins} =${result.draws} −${result.losses}   ${percent(result.score)} of the points`,
      `  ${elo(result)} (95 %, by pairs)   likelihood of superiority ${percent(result.los)}`,
      `  as first player ${result.first.points} of ${result.first.games}, as second ${result.second.points} of ${result.second.games}`,
      `  ${count(result.distinctGames)} distinct games from ${count(result.distinctOpenings)} distinct openings, ${result.seconds.toFixed(1)} s`,
      ...result.failures.map((f) => `  ${f.games} lost by ${f.by.toUpperCase()}: ${f.end} (${f.message})`),
    ].join('\n'),
  );
  if (result.interrupted) process.exitCode = 130;
}
