/** `ludus eval`: an agent against positions whose exact scores, or in chess best moves, are known. */
import { readFileSync } from 'node:fs';
import { UserError, rulesOf } from '#engine';
import { evaluateBestMoves, evaluatePositions, examPositions, parseBestMoves, parsePlies, parsePositions, type BestMoveResult, type EvaluationResult, type WrongMove } from '#arena';
import { interruptible } from '../interrupt.js';
import { count, percent, printResult, Progress, table } from '../output.js';
import { gameOf } from '../setup.js';
import { learnsTask } from '../tasks.js';

interface EvalCommand {
  readonly agent: string;
  readonly positions?: string;
  readonly episodes?: number;
  readonly plies?: string;
  readonly rows: 'all' | 'odd' | 'even';
  readonly limit?: number;
  readonly wrong: number;
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
    ...describeWrong(result),
  ].join('\n');
}

function describeWrong({ positions, outcome, wrong }: EvaluationResult): string[] {
  const total = Math.round((1 - (outcome ?? 1)) * positions);
  if (wrong.length === 0) return [];
  const word = (value: number | null) => (value === null ? 'nothing' : value > 0 ? 'a win' : value < 0 ? 'a loss' : 'a draw');
  const line = ({ moves, chose, right, before, after }: WrongMove) =>
    `  ${moves === '' ? 'the start' : moves}: ${chose ?? 'no legal move'} makes ${word(after)} of ${word(before)}; right: ${right.join(' ')}`;
  return [`${count(total)} moves gave the result away${total > wrong.length ? `; the first ${count(wrong.length)} (--wrong ${total} names all)` : ''}:`, ...wrong.map(line)];
}

function describeBestMoves(result: BestMoveResult): string {
  return [
    `${result.agent} on ${count(result.positions)} positions of chess, ${result.seconds.toFixed(1)} s${result.interrupted ? ' (interrupted)' : ''}`,
    `best move found: ${percent(result.optimal)}`,
    ...(result.failures > 0 ? [`${result.failures} answers were no legal move and count as wrong; the first: ${result.failure}.`] : []),
  ].join('\n');
}

export async function evaluate(gameName: string, options: EvalCommand): Promise<void> {
  const { positions: file } = options;
  if (file === undefined && (await learnsTask(gameName, {}))) {
    return (await import('./eval-task.js')).evaluateInTask(gameName, { ...options, episodes: options.episodes ?? 100 });
  }
  if (options.episodes !== undefined) throw new UserError('usage', file === undefined ? `--episodes is for tasks of one; an agent for ${gameName} is judged on positions` : '--episodes is for tasks of one, --positions for games of two: give one of them');
  const { game, spec } = await gameOf(gameName);
  if (file === undefined && examPositions(game).length === 0) throw new UserError('usage', `--positions FILE is missing: ${game.name} has no positions of its own to judge an agent on`);
  const inRows = <T>(all: readonly T[]): T[] => (options.rows === 'all' ? [...all] : all.filter((_, i) => (i % 2 === 0) === (options.rows === 'odd')));
  const progressOver = (total: number): Progress => new Progress(options.agent, Math.min(options.limit ?? Infinity, total), 'positions', options.json);
  const common = {
    agent: options.agent,
    seed: options.seed,
    device: options.device,
    ...(options.plies === undefined ? {} : { plies: parsePlies(options.plies) }),
    ...(options.limit === undefined ? {} : { limit: options.limit }),
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  };
  let result: EvaluationResult | BestMoveResult;
  if (file !== undefined && rulesOf(game) === 'chess') {
    const positions = inRows(parseBestMoves(read(file), file));
    const progress = progressOver(positions.length);
    const found = await interruptible((signal) => evaluateBestMoves({ ...common, game: spec, positions, signal, onProgress: (done, _, right) => progress.update(done, `${percent(right / done)} found`) }));
    progress.end();
    printResult(options.json === true, found, () => describeBestMoves(found));
    result = found;
  } else {
    const positions = inRows(file === undefined ? examPositions(game) : parsePositions(game, read(file), file));
    const progress = progressOver(positions.length);
    const judged = await interruptible((signal) => evaluatePositions({ ...common, game: spec, positions, wrong: options.wrong, signal, onProgress: (done) => progress.update(done) }));
    progress.end();
    printResult(options.json === true, judged, () => describe(judged));
    result = judged;
  }
  if (result.interrupted) process.exitCode = 130;
}
