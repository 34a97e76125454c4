/** Runs on disk whose curves only pretend, as training would have left them: for the browser tests and the screenshots. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRng } from '#engine';
import { games } from '#games';
import type { ClusterView } from '#arena/protocol';
import { observeRun, type TrainingView } from '#arena/server';
import { checkpointName, defaultConfig, type MetricsRow } from '#selfplay';

type Row = Record<string, unknown> & { readonly type: MetricsRow['type'] };

function write(runDir: string, info: Record<string, unknown>, config: unknown, rows: readonly Row[]): void {
  mkdirSync(runDir, { recursive: true });
  writeFileSync(join(runDir, 'run.json'), JSON.stringify({ format: 1, created: '2026-01-01T00:00:00Z', sittings: 1, ...info }));
  writeFileSync(join(runDir, 'config.json'), JSON.stringify(config));
  writeFileSync(join(runDir, 'metrics.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

/** A run of Connect Four by self-play under workDir/runs, which learns `pace` times as fast as another of pace 1. */
export function writeRun(workDir: string, name: string, pace: number, simulations: number, minutes = 20): void {
  const rng = createRng(name);
  const noise = (size: number) => (rng.float() - 0.5) * size;
  const rows = Array.from({ length: minutes * 4 }, (_, i): Row => {
    const elapsedSeconds = (i + 1) * 15;
    const left = Math.exp((-elapsedSeconds * pace) / 300);
    return {
      type: 'progress', game: 'connect4', elapsedSeconds, games: 20 * elapsedSeconds, steps: 2 * elapsedSeconds, positions: 500 * elapsedSeconds, gamesPerSecond: 20 + noise(2), positionsPerSecond: 500, evaluationsPerSecond: 14_000 + noise(900), stepsPerSecond: 2,
      losses: { policy: 1.35 + 0.6 * left + noise(0.03), value: 0.42 + 0.5 * left + noise(0.03) }, policyEntropy: 0.95 + 0.98 * left + noise(0.03), gameLength: 30, results: [0.55, 0.1, 0.35], learningRate: 0.02, windowPositions: 60 * elapsedSeconds, reuse: 3.2 + noise(0.1), simulations, cacheHitRate: 0.2, valueCorrelation: 0.72 * (1 - left),
    };
  });
  const config = defaultConfig(games.find((game) => game.id === 'connect4') ?? games[0]);
  write(join(workDir, 'runs', name), { game: { id: 'connect4', version: 1 }, elapsedSeconds: 60 * minutes, games: 1200 * minutes, positions: 30_000 * minutes, steps: 120 * minutes }, { ...config, search: { ...config.search, simulations } }, rows);
}

/** A run of Breakout that has ended, with measured checkpoints. */
export function taskRun(workDir: string): TrainingView {
  const rng = createRng('task');
  const rows = Array.from({ length: 240 }, (_, i): Row => {
    const elapsedSeconds = (i + 1) * 5;
    const learnt = 1 - Math.exp(-elapsedSeconds / 500);
    const meanReturn = 0.5 + 22 * learnt + rng.float();
    return {
      type: 'task', game: 'breakout', algorithm: 'ppo', elapsedSeconds, frames: 2600 * elapsedSeconds, steps: 20 * elapsedSeconds, episodes: 40 * elapsedSeconds, meanReturn, returnError: 0.3 + 0.05 * meanReturn, meanLength: 10 * meanReturn, framesPerSecond: 2600 + 200 * rng.float(), stepsPerSecond: 20, episodesPerSecond: 40,
      losses: { policy: -0.02 + 0.01 * rng.float(), value: 1.5 - learnt + 0.2 * rng.float(), entropy: 1.75 - learnt }, values: { learningRate: 2.5e-4 * (1 - i / 240), 'clipped share': 0.1 + 0.05 * rng.float() }, memory: 2e8,
    };
  });
  const runDir = join(workDir, 'runs', 'breakout');
  rows.push(...measuredCheckpoints(runDir, { game: { id: 'breakout', version: 1 }, algorithm: 'ppo' }, [0, 200, 400, 600, 800, 1000, 1200].map((elapsedSeconds) => {
    const mean = 0.4 + 26 * (1 - Math.exp(-elapsedSeconds / 500));
    return { step: 20 * elapsedSeconds, elapsedSeconds, values: { return: mean, returnError: 0.2 + 0.05 * mean, episodes: 32 } };
  })));
  write(runDir, { game: { id: 'breakout', version: 1 }, algorithm: 'ppo', elapsedSeconds: 1200, games: 48_000, positions: 3_120_000, steps: 24_000 }, { game: 'breakout', algorithm: 'ppo', seed: 1, frames: 3_000_000, environments: 16, learner: { rate: 2.5e-4, clip: 0.2 } }, rows);
  return observeRun(runDir);
}

/** Checkpoints of a run that cannot be played, each with what was measured of it as a row of metrics. */
function measuredCheckpoints(runDir: string, manifest: Record<string, unknown>, list: readonly { readonly step: number; readonly elapsedSeconds: number; readonly values: Record<string, number> }[]): Row[] {
  return list.map(({ step, elapsedSeconds, values }): Row => {
    const checkpoint = join('checkpoints', checkpointName(step));
    mkdirSync(join(runDir, checkpoint), { recursive: true });
    writeFileSync(join(runDir, checkpoint, 'checkpoint.json'), JSON.stringify({ format: 1, planes: [1, 1, 1], actions: 2, step, games: 50 * elapsedSeconds, positions: 400 * elapsedSeconds, rows: 0, elapsedSeconds, created: 'then', config: {}, files: {}, ...manifest }));
    return { type: 'evaluation', step, checkpoint, summary: '', values };
  });
}

/** A run of MuZero on tic-tac-toe that has ended, with the losses of three unrolled steps and measured checkpoints. */
export function muzeroRun(workDir: string): TrainingView {
  const rng = createRng('muzero');
  const rows = Array.from({ length: 120 }, (_, i): Row => {
    const elapsedSeconds = (i + 1) * 5;
    const left = Math.exp(-elapsedSeconds / 150);
    const each = (kind: string, from: number, height: number) => Object.fromEntries(Array.from({ length: 4 - from }, (_, k) => [`${kind}${k + from}`, height * (0.3 + left) * (1 + 0.15 * (k + from)) + 0.03 * rng.float()]));
    return {
      type: 'task', game: 'tic-tac-toe', algorithm: 'gumbel-muzero', elapsedSeconds, frames: 400 * elapsedSeconds, steps: 25 * elapsedSeconds, episodes: 50 * elapsedSeconds, meanReturn: 0.2 * left, returnError: 0.1, meanLength: 8, framesPerSecond: 400, stepsPerSecond: 25, episodesPerSecond: 50,
      losses: { total: 3 * left + 1, policy: 2 * left + 0.8, value: left + 0.3, reward: 0.4 * left, ...each('policy', 0, 1.2), ...each('value', 0, 0.7), ...each('reward', 1, 0.2) }, values: { learningRate: 0.002, searchGain: 0.1 * left }, memory: 2e8,
    };
  });
  const runDir = join(workDir, 'runs', 'tic-tac-toe-gumbel-muzero');
  const game = { id: 'tic-tac-toe', version: 1 };
  rows.push(...measuredCheckpoints(runDir, { game, algorithm: 'gumbel-muzero' }, [0, 120, 240, 360, 480, 600].map((elapsedSeconds) => {
    const skill = 1 - Math.exp(-elapsedSeconds / 150);
    return { step: 25 * elapsedSeconds, elapsedSeconds, values: { outcome: 0.75 + 0.245 * skill, optimal: 0.6 + 0.3 * skill, 'score/random': 0.55 + 0.4 * skill, elo: 60 + 540 * skill, eloError: 70 + 60 * rng.float() } };
  })));
  write(runDir, { game, algorithm: 'gumbel-muzero', elapsedSeconds: 600, games: 30_000, positions: 240_000, steps: 15_000 }, { game: 'tic-tac-toe', algorithm: 'gumbel-muzero', seed: 1, frames: 240_000, environments: 32, learner: { unroll: 3 } }, rows);
  return observeRun(runDir);
}

const worker = { threads: 8, device: 'cpu', uptime: 4000, gamesPerSecond: 10.4, step: 41_200, failures: 0, lastFailure: null };

export const pretendCluster: ClusterView = {
  redis: 'redis://10.0.0.5:6379', memory: { used: 41_300_000, limit: 512_000_000 },
  works: [{ id: 'connect4', title: 'connect4: self-play', state: 'running', games: 81_204, gamesPerSecond: 41.7, outstanding: 512, limit: 1024, waiting: 118, active: 27, failed: 2, quarantined: 0, step: 41_300, lagSteps: 100, lagSeconds: 4.2, failures: ['attic-2: the worker went away in the middle of a job; it was given to another'] }],
  workers: [
    { ...worker, id: 'attic-1' }, { ...worker, id: 'attic-2', threads: 4, gamesPerSecond: 5.1, failures: 1, lastFailure: 'gone in the middle of a job' },
    { ...worker, id: 'basement', threads: 2, device: 'cuda', gamesPerSecond: 26.2, step: 41_300 },
  ],
};
