/** All checks of a run of self-play, one after the other. Reads the run's folder only: nothing in it changes. */
import { exportModel } from '#engine/nn';
import { readRunInfo } from '../run-dir.js';
import { trainingParts } from '../parts.js';
import { checkpointAgrees, randomSample } from './checkpoint-check.js';
import { ask, drawSample, gatherEvidence, type Evidence } from './evidence.js';
import type { Finding, Level } from './finding.js';
import { levels, question } from './finding.js';
import { lossesFall, lossesFinite, lossRows, measurementsImproved } from './loss-checks.js';
import { overfitsOneBatch } from './overfit.js';
import { networkPolicy, policyFigures, searchPolicy } from './policies.js';
import { gamesVary, replayAge, replayReuse } from './replay-checks.js';
import { searchImproves } from './search-gain.js';
import { diagnoseTask } from './task-checks.js';
import { batchesFull, machineShared, threadsBusy } from './time-checks.js';
import { reliability, valueCalibration, valueSign, type ReliabilityBin } from './values.js';

export interface Diagnosis {
  readonly run: string;
  readonly game: string;
  readonly algorithm: string;
  /** Optimiser step of the checkpoint that was judged. */
  readonly step: number;
  /** The worst of the findings, `unknown` counting for nothing. */
  readonly level: Exclude<Level, 'unknown'>;
  readonly findings: readonly Finding[];
  /** Value and outcome by parts of [-1, 1]; none for a task. */
  readonly reliability: readonly ReliabilityBin[];
  readonly seconds: number;
}

export interface DiagnoseOptions {
  /** What is being looked at, and the share of the whole that is done. */
  readonly onProgress?: (what: string, share: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Judges a run by its latest checkpoint, its newest games and its metrics. Throws UserError('data') for a folder that is not a
 * run, an empty run, a damaged checkpoint or store, or one of another game; the signal's reason when aborted.
 */
export async function diagnose(runDir: string, { onProgress = () => undefined, signal }: DiagnoseOptions = {}): Promise<Diagnosis> {
  const began = performance.now();
  const { algorithm, game } = readRunInfo(runDir);
  let most = 0;
  const at = (what: string, share: number): void => {
    signal?.throwIfAborted();
    // Attempts that follow an attempt begin anew, but the whole does not go back.
    onProgress(what, (most = Math.max(most, share)));
  };
  at('reading the run', 0);
  const { step, findings, bins } = algorithm === 'alphazero' ? await diagnoseSelfPlay(runDir, at) : { ...(await diagnoseTask(runDir)), bins: [] };
  return { run: runDir, game: game.id, algorithm, step, level: worstOf(findings), findings, reliability: bins, seconds: (performance.now() - began) / 1000 };
}

export function worstOf(findings: readonly Finding[]): Diagnosis['level'] {
  const worst = Math.max(...findings.map(({ level }) => (level === 'unknown' ? 0 : levels.indexOf(level))));
  return worst <= 0 ? 'ok' : (levels[worst] as Diagnosis['level']);
}

async function diagnoseSelfPlay(runDir: string, at: (what: string, share: number) => void): Promise<{ step: number; findings: Finding[]; bins: ReliabilityBin[] }> {
  const evidence = await gatherEvidence(runDir);
  const { game, checkpoint, metrics } = evidence;
  const { step } = checkpoint.manifest;
  const findings: Finding[] = [];
  let bins: ReliabilityBin[] = [];
  at('asking the network', 0.05);
  if (evidence.recent.positions === 0) {
    const sample = randomSample(evidence);
    findings.push(await checkpointAgrees(evidence, sample, await ask(checkpoint.model, game, sample.planes, sample.count)));
    findings.push(question('games', 'Are there games to judge by?', 'games of its own')('unknown', 0, 'none', 'The run learns from records alone: values, policy, search and replay are not judged.', 'Look at heldOut in metrics.jsonl; a run that goes on by self-play can be judged.'));
  } else {
    const sample = drawSample(evidence);
    const answers = await ask(checkpoint.model, game, sample.planes, sample.count);
    const figures = policyFigures(sample, answers, game.actionCount);
    bins = reliability(sample, answers);
    findings.push(await checkpointAgrees(evidence, sample, answers));
    at('learning one batch by heart', 0.15);
    findings.push(await overfitsOneBatch(evidence, (done, most) => at('learning one batch by heart', 0.15 + (0.4 * done) / most)));
    findings.push(await signOf(evidence, sample, answers), valueCalibration(sample, answers, step), networkPolicy(figures, step), searchPolicy(figures, step));
    at('search against policy', 0.6);
    findings.push(await searchImproves(evidence, (done, games) => at('search against policy', 0.6 + (0.35 * done) / games)));
    findings.push(replayAge(evidence), replayReuse(evidence), gamesVary(evidence));
  }
  at('reading the metrics', 0.97);
  const rows = lossRows(metrics);
  findings.push(lossesFinite(rows), lossesFall(rows, ['policy', 'value'], measurementsImproved(metrics)), threadsBusy(metrics), batchesFull(metrics), machineShared(metrics));
  return { step, findings, bins };
}

/** Of what plays; where that is right, also of the weights that go on learning. */
async function signOf({ game, config, checkpoint }: Evidence, sample: Parameters<typeof valueSign>[0], answers: Parameters<typeof valueSign>[1]): Promise<Finding> {
  const { step } = checkpoint.manifest;
  const played = valueSign(sample, answers, step);
  if (played.level === 'problem') return played;
  const trained = valueSign(sample, await ask(exportModel(trainingParts(game, config).network, checkpoint.state.weights), game, sample.planes, sample.count), step, 'the network being trained (weights.bin)');
  return trained.level === 'problem' ? trained : played;
}
