/** A run's settings: defaults by game, changes from the command line, checks, and their description for people. */
import { availableParallelism } from 'node:os';
import type { Game } from '#engine';
import { configSchema, type NetworkChoice, type RunConfig } from './config-schema.js';
import { checkSettings, describeSettings, parseOverrides, writeSetting, type SettingDescription } from './settings.js';

export type { SettingDescription } from './settings.js';
export { scheduled, type NetworkChoice, type RunConfig, type Schedule } from './config-schema.js';

/** Start of a plain network of a kind, where the settings ask for another kind than the game's default. */
const plainNetworks: Record<NetworkChoice['kind'], NetworkChoice> = {
  resnet: { kind: 'resnet', channels: 32, blocks: 3, value: 'tanh', globalPooling: false },
  mlp: { kind: 'mlp', hidden: [128, 128], value: 'tanh' },
};

/** Settings good for a game of unknown nature: a small residual network, or an MLP where the board is tiny. */
function generic(game: Game, spec: string): RunConfig {
  const [, height, width] = game.planes;
  const cells = height * width;
  const network: NetworkChoice = cells < 9 || Math.min(height, width) < 3 ? plainNetworks.mlp : { ...plainNetworks.resnet, ...(cells > 30 ? { channels: 64, blocks: 4 } : {}) };
  return {
    game: spec,
    seed: 1,
    device: 'cpu',
    threads: 0,
    deterministic: false,
    network,
    search: {
      kind: 'gumbel', simulations: game.actionCount > 32 ? 48 : 32, considered: 16, valueScale: 1, exploration: 1.25, noiseFraction: 0.25, noiseConcentration: 10, forcedPlayouts: 0,
      temperature: 1, temperaturePlies: Math.min(12, Math.max(2, Math.round(game.maxPlies / 5))), fastShare: 0, fastSimulations: 6,
    },
    actors: { workers: 0, games: 64, leafSymmetry: true, cache: 65536, openingShare: 0.5, openingPlies: Math.min(12, Math.floor(game.maxPlies / 3)) },
    learner: {
      batch: 256, optimizer: 'adamw', learningRate: 0.001, weightDecay: 0.01, momentum: 0.9, warmup: 100, clipNorm: 0, reuse: 4, minimum: 2048,
      valueMix: [[0, 0], [4000, 0.5]], policySmoothing: 0.02, valueWeight: 1, replyWeight: 0, pliesLeftWeight: 0, softPolicyWeight: 0,
      averageDecay: 0.75, publishEvery: 20, symmetries: true, lead: 8, threads: 1,
    },
    replay: { window: 25000, alpha: 0.75, beta: 0.4, capacity: 600000, reanalyze: 0 },
    checkpoint: { everyMinutes: 2, everySteps: 0, keep: 40 },
    evaluation: { enabled: true, simulations: 50, pairs: 10, anchors: ['random', 'uct:sims=100'], positions: 0 },
  };
}

/** What is known to be better for a game than the generic start; sections are merged over it. */
const tuned: Record<string, (config: RunConfig) => RunConfig> = {
  'tic-tac-toe': (c) => ({
    ...c,
    // With 128-128, or with half the games from the empty board, some positions off the usual lines stay wrong for minutes.
    network: { kind: 'mlp', hidden: [256, 256], value: 'tanh' },
    search: { ...c.search, simulations: 16, temperaturePlies: 3 },
    actors: { ...c.actors, openingShare: 0.9, openingPlies: 7 },
    // A commit of games takes the disk some 50 ms, in which two cores play more than 8 steps' worth: with so little lead actors wait for the disk.
    learner: { ...c.learner, minimum: 1024, warmup: 50, lead: 64 },
    replay: { ...c.replay, capacity: 200000 },
    checkpoint: { ...c.checkpoint, everyMinutes: 0.25 },
    evaluation: { ...c.evaluation, simulations: 25, anchors: ['random', 'solver'], positions: 4520 },
  }),
  connect4: (c) => ({
    ...c,
    network: { kind: 'resnet', channels: 64, blocks: 5, value: 'tanh', globalPooling: false },
    // A network that knows nothing is not worth a deep search; one that is nearly right is corrected only by a deep one.
    search: { ...c.search, simulations: [[0, 16], [3000, 32], [16000, 64]], temperaturePlies: 10 },
    // Its own lines alone leave it weak wherever other players may lead it: random starts at every stage of the game.
    actors: { ...c.actors, openingShare: 0.75, openingPlies: 24 },
    learner: { ...c.learner, learningRate: [[8000, 0.002], [14000, 0.0006], [23000, 0.00005]], averageDecay: 0.9 },
    replay: { ...c.replay, capacity: 800000 },
    checkpoint: { ...c.checkpoint, keep: 60 },
    evaluation: { ...c.evaluation, simulations: 100, anchors: ['random', 'uct:sims=1000'], positions: 300 },
  }),
  chess: (c) => ({
    ...c,
    network: { kind: 'resnet', channels: 64, blocks: 5, value: 'tanh', globalPooling: true },
    search: { ...c.search, simulations: 64, temperaturePlies: 24 },
    actors: { ...c.actors, cache: 1 << 18, openingShare: 0.8, openingPlies: 10 },
    // Values of records come from a strong player; results of games with many mistakes say less.
    learner: { ...c.learner, learningRate: [[8000, 0.002], [30000, 0.0002]], valueMix: 0.8, averageDecay: 0.95, reuse: 2, symmetries: false },
    replay: { ...c.replay, window: 100000, capacity: 2000000 },
    checkpoint: { ...c.checkpoint, everyMinutes: 5 },
    evaluation: { ...c.evaluation, pairs: 4 },
  }),
};

/** The default settings of a game; `spec` is how the user named it: an id, or the path of a module. */
export function defaultConfig(game: Game, spec: string = game.id): RunConfig {
  const config = generic(game, spec);
  return tuned[game.id]?.(config) ?? config;
}

/** Every setting with its default in `config`, meaning and unit. */
export function describeConfig(config: RunConfig): SettingDescription[] {
  return describeSettings(configSchema, config);
}

/**
 * A config with `key=value` changes, checked. Lists are written `a,b` (agents, which hold commas, are parted by `;`) and
 * schedules `0:0.01,5000:0.001`.
 * Throws UserError('usage') naming the wrong setting, the nearest right one, or what its value must be.
 */
export function applyOverrides(config: RunConfig, overrides: readonly string[]): RunConfig {
  const changed = structuredClone(config) as unknown as Record<string, unknown>;
  // A change of network kind comes first, so that the other settings of that kind exist.
  const parts = parseOverrides(overrides, 'search.simulations=32').sort((a, b) => Number(b.key === 'network.kind') - Number(a.key === 'network.kind'));
  for (const { key, text } of parts) {
    if (key === 'network.kind' && text in plainNetworks && text !== config.network.kind) changed.network = structuredClone(plainNetworks[text as NetworkChoice['kind']]);
    else writeSetting(configSchema, changed, key, text);
  }
  return checkConfig(changed, 'setting');
}

/** Checks data that claims to be a config; `where` says whence it came. Throws UserError, 'usage' for settings, else 'data'. */
export function checkConfig(data: unknown, where: string): RunConfig {
  return checkSettings(configSchema, data, where);
}

/**
 * A stored config with the settings that it does not name yet, because it was written before they existed, taken from
 * `defaults`. The network is left as it is: its weights exist. The result is still to be checked.
 */
export function fillMissing(stored: unknown, defaults: RunConfig): unknown {
  if (!isSection(stored)) return stored;
  const filled: Record<string, unknown> = { ...defaults, ...stored };
  for (const [name, section] of Object.entries(defaults)) {
    const own = stored[name];
    if (name !== 'network' && isSection(section) && isSection(own)) filled[name] = { ...section, ...own };
  }
  return filled;
}

const isSection = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Compute threads that a config means on this machine. */
export function threadCount(config: RunConfig): number {
  return config.threads > 0 ? config.threads : availableParallelism();
}

/** Self-play workers that a config means on this machine. */
export function workerCount(config: RunConfig): number {
  if (config.deterministic) return 1;
  return config.actors.workers > 0 ? config.actors.workers : threadCount(config);
}
