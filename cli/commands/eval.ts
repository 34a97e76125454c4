/** `ludus eval`: an agent against positions whose exact scores are known. */
import { readFileSync } from 'node:fs';
import { UserError } from '#engine';
import { evaluatePositions, parsePlies, parsePositions, type EvaluationResult } from '#arena';
import { interruptible } from '../interrupt.js';
import { count, percent, printResult, Progress, table } from '../output.js';
import { gameOf } from '../setup.js';

interface EvalCommand {
  readonly agent: string;
  readonly positions: string;
  readonly plies?: string;
  readonly rows: 'all' | 'odd' | 'even';
  readonly limit?: number;
  readonly seed: number;
  readonly threads?: number;
  readonly device: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  readonly json?: boolean;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError('usage', `cannot read positions from ${file}: ${(error as Error).message.split(',')[0]}`);
  }
}

function describe(result: EvaluationResult): string {
  const row = (name: string, v: { positions: number; optimal: number | null; outcome: number | null }) => [name, count(v.positions), percent(v.outcome), percent(v.optimal)];
  return [
    `${result.agent} on ${count(result.positions)} positions of ${result.game}, ${result.seconds.toFixed(1)} s${result.interrupted ? ' (interrupted)' : ''}`,
    table(
      [['positions', 'count', 'keeps the result', 'best score'], row('all', result), row('non-trivial', result.nontrivial), ...result.byPly.map((v) => row(`ply ${v.ply}`, v))],
      [false, true, true, true],
    ),
    ...(result.failures > 0 ? [`${result.failures} answers were no legal move and count as wrong.`] : []),
  ].join('\n');
}

export async function evaluate(gameName: string, options: EvalCommand): Promise<void> {
  const { game, spec } = await gameOf(gameName);
  const all = parsePositions(game, read(options.positions), options.positions);
  const positions = options.rows === 'all' ? all : all.filter((_, i) => (i % 2 === 0) === (options.rows === 'odd'));
  const progress = new Progress(options.agent, Math.min(options.limit ?? Infinity, positions.length), 'positions', options.json);
  const result = await interruptible((signal) =>
    evaluatePositions({
      game: spec,
      agent: options.agent,
      positions,
      seed: options.seed,
      device: options.device,
      signal,
      ...(options.plies === undefined ? {} : { plies: parsePlies(options.plies) }),
      ...(options.limit === undefined ? {} : { limit: options.limit }),
      ...(options.threads === undefined ? {} : { threads: options.threads }),
      onProgress: (done) => progress.update(done),
    }),
  );
  progress.end();
  printResult(options.json === true, result, () => describe(result));
  if (result.interrupted) process.exitCode = 130;
}
