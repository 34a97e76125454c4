/** The checks that make sense for a run that learns a task from rewards: its checkpoint is whole, and what its metrics tell. */
import { UserError } from '#engine';
import { loadGame } from '#games';
import { latestCheckpoint, readManifest } from '../checkpoint.js';
import { readMetrics, type MetricsRow } from '../metrics.js';
import { readRunInfo } from '../run-dir.js';
import { readTaskCheckpoint, readTaskModel } from '../tasks/checkpoint.js';
import { fixed, percent, question, whole, type Finding } from './finding.js';
import { lossesFinite, lossRows, partMeans } from './loss-checks.js';

type TaskRow = Extract<MetricsRow, { type: 'task' }>;

/** Throws UserError('data') when the run is empty or its checkpoint damaged. */
export async function diagnoseTask(runDir: string): Promise<{ step: number; findings: Finding[] }> {
  const info = readRunInfo(runDir);
  const latest = latestCheckpoint(runDir);
  if (latest === undefined) throw new UserError('data', `${runDir} has no checkpoint yet: nothing can be said of it; train it for a minute first`);
  const manifest = readManifest(latest.path);
  if (manifest.game.id !== info.game.id || manifest.game.version !== info.game.version) {
    throw new UserError('data', `${latest.path} is a checkpoint of ${manifest.game.id} version ${manifest.game.version}, not of ${info.game.id} version ${info.game.version}`);
  }
  readTaskModel(latest.path);
  if (manifest.files['learner.bin'] !== undefined) readTaskCheckpoint(latest.path);
  const rows = readMetrics(runDir).filter((row): row is TaskRow => row.type === 'task');
  const checkpoint = question('checkpoint', 'Do the parts of the checkpoint agree?', 'every hash right, every number finite')('ok', null, `${Object.keys(manifest.files).length} files`, 'The checkpoint is whole.');
  const losses = lossRows(rows);
  const alone = await isTaskOfOne(manifest.config.game ?? info.game.id);
  return { step: manifest.step, findings: [checkpoint, lossesFinite(losses), returnsRise(rows, alone), policyEntropy(rows, manifest.actions), valuesExplain(rows), exploration(rows)] };
}

/** Whether returns are the learner's alone, and not also its opponent's, who is itself. Environments of other programs are for one. */
async function isTaskOfOne(spec: unknown): Promise<boolean> {
  if (typeof spec !== 'string' || spec.startsWith('gym:')) return true;
  return (await loadGame(spec)).seats === 1;
}

function returnsRise(rows: readonly TaskRow[], alone: boolean): Finding {
  const answer = question('returns', 'Do returns rise?', 'the last tenth of the run above the first by two standard errors, and not clearly below the best');
  if (!alone) return answer('unknown', null, 'a game for two, against itself', 'Returns against itself say nothing about strength.', 'Judge it by matches: `ludus match`, or `ludus eval` where the game is solved.');
  const known = rows.flatMap(({ frames, meanReturn, returnError }) => (meanReturn === null ? [] : [{ steps: frames, losses: { return: meanReturn, error: returnError ?? 0 } }]));
  const means = partMeans(known, 'return');
  const errors = partMeans(known, 'error');
  if (means.length < 4) return answer('unknown', null, `${known.length} figures`, 'Too few episodes have ended.', 'Train a little longer.');
  const [first, last, best] = [means[0], means[means.length - 1], Math.max(...means)];
  const noise = 2 * Math.hypot(errors[0] ?? 0, errors[errors.length - 1] ?? 0);
  const told = `return ${fixed(first)} → ${fixed(last)}, best tenth ${fixed(best)}, noise ± ${fixed(noise)}`;
  if (best - last > Math.max(noise, 0.3 * Math.abs(best - first))) {
    return answer('problem', last, told, 'What was learnt has been lost again.', 'Lower learner.learningRate, with ppo also learner.epochs or learner.clip; keep the best checkpoint (`ludus eval`).');
  }
  if (last - first <= noise) return answer('warning', last, told, 'Returns have not risen.', 'Raise `frames`, change learner.learningRate, or explore more (learner.entropyWeight with ppo); `ludus sweep` tells chance from effect.');
  return answer('ok', last, told, 'Returns have risen.');
}

function policyEntropy(rows: readonly TaskRow[], actions: number): Finding {
  const answer = question('policy-entropy', 'Has the policy collapsed, or not moved?', 'entropy 2 % to 97 % of uniform');
  const known = rows.flatMap(({ losses }) => (typeof losses.entropy === 'number' ? [losses.entropy] : []));
  if (known.length === 0 || actions < 2) return answer('unknown', null, 'this algorithm reports no entropy', 'It has no policy of its own.');
  const last = known.slice(-Math.max(1, known.length >> 3));
  const share = last.reduce((a, b) => a + b, 0) / last.length / Math.log(actions);
  const told = `${percent(share)} of uniform over ${actions} actions`;
  if (share < 0.02) return answer('problem', share, told, 'The policy has collapsed: nothing else is tried any more.', 'Raise learner.entropyWeight, lower learner.learningRate.');
  if (share > 0.97) return answer('warning', share, told, 'The policy has hardly moved from uniform.', 'Raise learner.learningRate or `frames`, lower learner.entropyWeight.');
  return answer('ok', share, told, 'The policy prefers actions and still tries others.');
}

function valuesExplain(rows: readonly TaskRow[]): Finding {
  const answer = question('value-calibration', 'Do values explain returns?', 'explained variance above 0');
  const known = rows.flatMap(({ values }) => (typeof values.explainedVariance === 'number' ? [values.explainedVariance] : []));
  if (known.length === 0) return answer('unknown', null, 'this algorithm does not report it', 'It learns no state values of returns.');
  const last = known.slice(-Math.max(1, known.length >> 3));
  const mean = last.reduce((a, b) => a + b, 0) / last.length;
  return mean > 0
    ? answer('ok', mean, `explained variance ${fixed(mean)}`, 'Values foretell returns better than a constant.')
    : answer('warning', mean, `explained variance ${fixed(mean)}`, 'Values foretell returns no better than a constant.', 'Raise learner.valueWeight, or see whether rewards are of a size that values can reach.');
}

function exploration(rows: readonly TaskRow[]): Finding {
  const answer = question('exploration', 'Is there exploration and memory enough?', 'epsilon below 1 at the end');
  const last = rows.at(-1);
  const { epsilon, remembered } = last?.values ?? {};
  if (epsilon === undefined) return answer('unknown', null, 'this algorithm has no epsilon', 'It explores by its own policy.');
  const told = `epsilon ${fixed(epsilon)}${remembered === undefined ? '' : `, ${whole(remembered)} transitions remembered`}`;
  return epsilon < 1 ? answer('ok', epsilon, told, 'Moves are chosen by what has been learnt.') : answer('warning', epsilon, told, 'All moves are still random.', 'Raise `frames`, or let epsilon fall earlier.');
}
