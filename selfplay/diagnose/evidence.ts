/** What the checks look at: a run's folder, read and never written, and what its network says of its own games. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError, createRng, type Game } from '#engine';
import { openModel } from '#engine/node';
import { loadGame } from '#games';
import { latestCheckpoint, readCheckpoint, type Checkpoint } from '../checkpoint.js';
import { decodeEpisode } from '../codec.js';
import type { RunConfig } from '../config-schema.js';
import type { Episode } from '../episode.js';
import { trainedCount } from '../episode.js';
import { readMetrics, type MetricsRow } from '../metrics.js';
import { readRun, type RunInfo } from '../run-dir.js';
import { positionAt, RowWriter, windowSize, ReplayWindow } from '../sampler.js';
import { ReplayStore, type StoreTotals } from '../store.js';

/** Positions of the newest games that are kept whole, and positions that the network is asked about. */
const RECENT_POSITIONS = 40_000;
const SAMPLE = 2048;
const ROWS = 128;

export interface Evidence {
  readonly runDir: string;
  readonly game: Game;
  readonly info: RunInfo;
  readonly config: RunConfig;
  /** The latest. */
  readonly checkpoint: Checkpoint;
  readonly metrics: readonly MetricsRow[];
  readonly totals: StoreTotals;
  /** Of every game in the window that a learner would draw from now: optimiser step of its weights, and its trained positions. */
  readonly window: readonly { readonly step: number; readonly positions: number }[];
  /** The newest games, oldest first; none in a run that only learnt from records. */
  readonly games: readonly Episode[];
  /** Trained positions of `games`. */
  readonly recent: ReplayWindow;
}

/** Throws UserError('data'): not a run, empty, damaged, of another game or version. */
export async function gatherEvidence(runDir: string): Promise<Evidence> {
  const { info, config } = readRun(runDir);
  const game = await loadGame(config.game);
  if (game.id !== info.game.id || game.version !== info.game.version) {
    throw new UserError('data', `${runDir} is a run of ${info.game.id} version ${info.game.version}, but '${config.game}' is ${game.id} version ${game.version}`);
  }
  const latest = latestCheckpoint(runDir);
  if (latest === undefined) throw new UserError('data', `${runDir} has no checkpoint yet: nothing can be said of it; train it for a minute first`);
  const checkpoint = readCheckpoint(latest.path);
  const { id, version } = checkpoint.manifest.game;
  if (id !== game.id || version !== game.version) throw new UserError('data', `${latest.path} is a checkpoint of ${id} version ${version}, not of ${game.id} version ${game.version}`);
  const metrics = readMetrics(runDir);
  const games: Episode[] = [];
  const recent = new ReplayWindow();
  const window: { step: number; positions: number }[] = [];
  let totals: StoreTotals = { games: 0, positions: 0, storedGames: 0, storedPositions: 0 };
  const path = join(runDir, 'replay');
  if (existsSync(join(path, 'data.mdb'))) {
    const store = new ReplayStore(path, { game, capacity: config.replay.capacity, readOnly: true });
    try {
      totals = store.totals;
      let passed = 0;
      for (const bytes of store.latest(windowSize(totals.positions, config.replay))) {
        const episode = decodeEpisode(bytes);
        const positions = trainedCount(episode);
        window.push({ step: episode.checkpoint, positions });
        games.push(episode);
        passed += positions;
        // Those too old to be looked at closely go again; only their age counts.
        while (games.length > 1 && passed - trainedCount(games[0]) >= RECENT_POSITIONS) passed -= trainedCount(games.shift() as Episode);
      }
    } finally {
      await store.close();
    }
    for (const episode of games) recent.add(episode);
  }
  const taught = metrics.some((row) => row.type === 'heldOut');
  if (recent.positions === 0 && !taught) throw new UserError('data', `${runDir} has played no game to its end yet: nothing can be said of it; train it for a minute first`);
  return { runDir, game, info, config, checkpoint, metrics, totals, window, games, recent };
}

/** Positions of recent games, uniform over them, with what the network made of them. Everything is for the seat to move. */
export interface Sample {
  readonly count: number;
  /** [count, channels * height * width] */
  readonly planes: Float32Array;
  /** [count, actions]: the search's policy, unsmoothed. */
  readonly targets: Float32Array;
  /** [count] how the game ended; a result that the search proved stands for it. */
  readonly outcomes: Float32Array;
  /** [count] the search's value. */
  readonly searched: Float32Array;
  readonly seats: readonly number[];
  /** Index of each position's game. */
  readonly games: readonly number[];
  readonly legal: readonly Uint16Array[];
}

export function drawSample({ game, games, recent }: Evidence): Sample {
  const count = Math.min(SAMPLE, recent.positions);
  const writer = new RowWriter(game, count, ['policy', 'value']);
  const rng = createRng('diagnose');
  const indices = new Map(games.map((episode, i) => [episode, i]));
  const seats: number[] = [];
  const from: number[] = [];
  const legal: Uint16Array[] = [];
  const searched = new Float32Array(count);
  for (let row = 0; row < count; row++) {
    const { episode, ply } = recent.draw(rng);
    writer.write(row, episode, ply, { valueMix: 0, policySmoothing: 0 }, 0, rng);
    const seat = positionAt(game, episode, ply, rng).turn === 1 ? 1 : 0;
    seats.push(seat);
    from.push(indices.get(episode) ?? 0);
    legal.push(episode.policies.actions.subarray(episode.policies.starts[ply], episode.policies.starts[ply + 1]));
    searched[row] = (seat === 1 ? -1 : 1) * episode.rootValues[ply];
  }
  const { planes, policy, value } = writer.rows;
  return { count, planes, targets: policy, outcomes: value, searched, seats, games: from, legal };
}

/** policy [count, actions], logits; value [count]. */
export interface Answers {
  readonly policy: Float32Array;
  readonly value: Float32Array;
}

/** What a model says of a sample. Throws UserError('data') for bytes that are no model. */
export async function ask(model: Uint8Array, game: Game, planes: Float32Array, count: number): Promise<Answers> {
  const size = game.planes.reduce((a, b) => a * b, 1);
  const inference = await openModel(model, { device: 'cpu', threads: 1 });
  const answers = { policy: new Float32Array(count * game.actionCount), value: new Float32Array(count) };
  try {
    for (let from = 0; from < count; from += ROWS) {
      const rows = Math.min(ROWS, count - from);
      await inference.run(planes.subarray(from * size, (from + rows) * size), rows, {
        policy: answers.policy.subarray(from * game.actionCount, (from + rows) * game.actionCount), value: answers.value.subarray(from, from + rows),
      });
    }
  } finally {
    await inference.close();
  }
  return answers;
}
