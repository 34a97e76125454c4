/** `ludus inspect`: a learned model's dreams against what really happens. */
import { UserError } from '#engine';
import { type Inspection, type InspectedPosition, inspectModel, openLearnedModel, parseAgentSpec } from '#arena';
import { Progress, count, percent, printResult, table } from '../output.js';
import { gameOf } from '../setup.js';

interface InspectCommand {
  readonly agent: string;
  readonly episodes: number;
  readonly steps: number;
  readonly ply?: number;
  readonly seed: number;
  readonly device: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  readonly json?: boolean;
}

/** Steps of an episode that never ends by itself. */
const MOST = 2000;

const signed = (value: number): string => (value < 0 ? '' : '+') + value.toFixed(3);

/** Of nothing there is no share. */
const share = (value: number | null): string => (value === null ? '' : percent(value));

function describe(agent: string, result: Inspection, ply: number): string {
  const position = result.first[Math.min(ply, result.first.length - 1)];
  return [
    `${agent}: ${count(result.episodes)} episodes, ${count(result.steps)} steps, mean return ${result.meanReturn.toFixed(2)}`,
    `The search changes the raw policy by ${result.policyGain.toFixed(3)} nats; its best move is the raw policy's in ${percent(result.priorAgrees)}. Values move by ${result.valueGap.toFixed(3)}.`,
    result.rewardSumError === null ? '' : `Rewards dreamt over ${result.dreams.length} steps are off by ${percent(result.rewardSumError)} of the real ones.`,
    '',
    table(
      [['step', 'dreams', 'real reward', 'dreamt', 'error', 'value error', 'rewards', 'found', 'right'], ...result.dreams.map((d) => [String(d.step), count(d.dreams), signed(d.meanReward), signed(d.meanDreamt), d.rewardError.toFixed(3), d.valueError.toFixed(3), count(d.rewarded), share(d.found), share(d.right)])],
      [true, true, true, true, true, true, true, true, true],
    ),
    '',
    describePosition(position),
  ].join('\n');
}

function describePosition({ ply, turn, played, networkValue, searchValue, realReturn, actions, dream }: InspectedPosition): string {
  const shown = [...actions].sort((a, b) => b.policy - a.policy).slice(0, 12);
  return [
    `First episode, ply ${ply}, seat ${turn} to move: network's value ${signed(networkValue)}, the search's ${signed(searchValue)}, the return that came ${signed(realReturn)}`,
    table(
      [['', 'move', 'raw policy', 'after search', 'visits', 'Q'], ...shown.map((a) => [a.action === played ? '>' : '', a.name, percent(a.prior), percent(a.policy), count(a.visits), a.value === null ? '' : signed(a.value)])],
      [false, false, true, true, true, true],
    ),
    `Dreamt values after each move from here: ${dream.slice(0, 10).map((d) => signed(d.value)).join(' ')}`,
  ].join('\n');
}

export async function inspect(gameName: string, options: InspectCommand): Promise<void> {
  const { game } = await gameOf(gameName);
  const spec = parseAgentSpec(options.agent);
  if (spec.kind !== 'mz') throw new UserError('usage', `only a learned model can be inspected: --agent mz:PATH, not '${options.agent}'`);
  const learned = await openLearnedModel(spec.model, game, { device: options.device, threads: 1 });
  const progress = new Progress('inspect', options.episodes, 'episodes', options.json);
  try {
    const { sims, search } = spec.options;
    const result = await inspectModel(game, learned, { episodes: options.episodes, seed: options.seed, sims, search, steps: options.steps, most: MOST }, (done) => progress.update(done));
    progress.end();
    printResult(options.json === true, { game: game.id, agent: options.agent, ...result }, () => describe(options.agent, result, options.ply ?? 0));
  } finally {
    await learned.model.close();
  }
}
