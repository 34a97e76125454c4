/**
 * The agents that one can sit down against. A socket names an entry by its id; only this file turns an id into an agent
 * string, so no text from outside ever becomes a path or an engine's command.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Game } from '#engine';
import type { AgentView, CheckpointView, Strength } from '#arena/protocol';
import { allGames } from '#games';
import { printAgentSpec } from '../agents/spec.js';
import { levelSpec, levelView, readStrengths } from '../strengths.js';
import type { Limits } from './limits.js';
import { Refusal } from './refusal.js';

export interface CatalogueEntry {
  readonly view: AgentView;
  /** Of agents with a network: the checkpoint's folder. */
  readonly folder?: string;
  /** The agent string for a strength that the limits allow. */
  spec(strength: Strength | undefined): string;
}

/** Shown at most of a run that has more: the first, the last and some between. */
const MAX_RUN_ENTRIES = 48;

const anchors = [
  { id: 'random', spec: 'random', kind: 'random', name: 'Random', description: 'Plays any legal move with equal odds. Everybody should beat it.' },
  { id: 'uct-100', spec: 'uct:sims=100', kind: 'uct', name: 'Tree search, 100 playouts', description: 'Plays 100 random games ahead before each move. Knows nothing of the game but its rules; sees short tactics.' },
  { id: 'uct-1000', spec: 'uct:sims=1000', kind: 'uct', name: 'Tree search, 1,000 playouts', description: 'As before with 1,000 playouts a move: a fair opponent for most people.' },
  { id: 'uct-10000', spec: 'uct:sims=10000', kind: 'uct', name: 'Tree search, 10,000 playouts', description: 'As before with 10,000 playouts a move: overlooks little.' },
  { id: 'alphabeta-6', spec: 'alphabeta:depth=6', kind: 'alphabeta', name: 'Alpha-beta, 6 plies', description: 'Looks at everything six moves ahead, and sees nothing beyond.' },
] as const;

const solver = { id: 'solver', spec: 'solver', kind: 'solver', name: 'Perfect play', description: 'Knows the exact result of every position it can solve and never gives anything away. Picks freely among equally good moves; in the very opening of Connect Four it searches instead.' } as const;

/** Simulations that a network's opponent begins with: a fraction of a second on a laptop. */
const DEFAULT_SIMULATIONS = 200;

/** Of a learned model: the default of mz:, and the most that its search takes. */
const LATENT_SIMULATIONS = 50;
const MOST_LATENT_SIMULATIONS = 65_536;

const quoted = (path: string) => `"${path}"`;

function clip(strength: Strength | undefined, limits: Limits, otherwise = DEFAULT_SIMULATIONS): string {
  if (strength === undefined) return `sims=${Math.min(otherwise, limits.simulations)}`;
  if ('simulations' in strength) return `sims=${Math.min(strength.simulations, limits.simulations)}`;
  return `time=${Math.min(strength.millis, limits.millis)}`;
}

/** What has learnt a task for one plays by its policy alone. */
function taskNetwork(id: string, path: string, game: string, rest: Pick<AgentView, 'name' | 'description' | 'group' | 'checkpoint'>): CatalogueEntry {
  return { view: { id, game, kind: 'network', model: true, ...rest, simulations: null }, folder: path, spec: () => `policy:${quoted(path)}` };
}

function network(id: string, path: string, game: string, limits: Limits, rest: Pick<AgentView, 'name' | 'description' | 'group' | 'checkpoint'>): CatalogueEntry {
  return {
    view: { id, game, kind: 'network', model: true, ...rest, simulations: { min: 1, max: limits.simulations, default: Math.min(DEFAULT_SIMULATIONS, limits.simulations) } },
    folder: path,
    spec: (strength) => `az:${quoted(path)},${clip(strength, limits)}`,
  };
}

/** What MuZero learned: it searches by simulations alone, also where a clock was asked for. */
function learnedModel(id: string, path: string, game: string, limits: Limits, rest: Pick<AgentView, 'name' | 'group' | 'checkpoint'>): CatalogueEntry {
  const most = Math.min(limits.simulations, MOST_LATENT_SIMULATIONS);
  const simulations = { min: 1, max: most, default: Math.min(LATENT_SIMULATIONS, most) };
  return {
    view: { id, game, kind: 'network', model: true, dreams: true, ...rest, simulations, description: 'Knows no rules: it searches in a model of the game that it has learned. More simulations lead further from what it has seen.' },
    folder: path,
    spec: (strength) => `mz:${quoted(path)},sims=${Math.min(strength !== undefined && 'simulations' in strength ? strength.simulations : LATENT_SIMULATIONS, most)}`,
  };
}

const holdsLearnedModel = (path: string): boolean => existsSync(join(path, 'dynamics.onnx'));

/** Tree search whose strength one chooses, beside the fixed ones. */
function search(game: string, limits: Limits): CatalogueEntry {
  const simulations = { min: 1, max: limits.simulations, default: Math.min(1000, limits.simulations) };
  return {
    view: {
      id: 'uct', game, kind: 'uct', group: 'anchor', checkpoint: null, model: false, simulations, name: 'Tree search',
      description: 'Plays random games ahead before each move, as many as you choose. Knows nothing of the game but its rules.',
    },
    spec: (strength) => `uct:${clip(strength, limits, simulations.default)}`,
  };
}

function minutes(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} seconds`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} minutes` : `${(seconds / 3600).toFixed(1)} hours`;
}

export class Catalogue {
  private readonly limits: Limits;
  private readonly fixed = new Map<string, CatalogueEntry>();
  private run = new Map<string, CatalogueEntry>();
  /** Listed games of one seat. */
  private readonly tasks: ReadonlySet<string>;

  /** Alpha-beta without an evaluation has no idea of games that end far beyond its depth: chess does without it. */
  constructor(games: readonly { game: Game; solved: boolean }[], limits: Limits) {
    this.limits = limits;
    this.tasks = new Set(games.flatMap(({ game }) => tasksOf([game])));
    for (const { game, solved } of games) {
      this.add(search(game.id, limits));
      for (const anchor of solved ? [...anchors, solver] : game.maxPlies > 100 ? anchors.filter(({ kind }) => kind !== 'alphabeta') : anchors) {
        const { spec, ...view } = anchor;
        this.add({ view: { ...view, group: 'anchor', game: game.id, simulations: null, checkpoint: null, model: false }, spec: () => spec });
      }
    }
  }

  private add(entry: CatalogueEntry): void {
    this.fixed.set(key(entry.view.game, entry.view.id), entry);
  }

  /** The model's graded opponents; one that would think longer than this server lets anybody is left out. */
  private addLevels(folder: string, name: string, game: string): void {
    const list = readStrengths(folder);
    if (list?.game !== game) return;
    for (const level of list.levels) {
      const spec = levelSpec(level, folder);
      if ('sims' in spec.options && spec.options.sims > this.limits.simulations) continue;
      this.add({ view: levelView(`level:${name}:${level.id}`, game, level, spec), spec: () => printAgentSpec(spec) });
    }
  }

  /**
   * Adds the models that ship with the program, folders `models/NAME/` with a checkpoint.json, and the graded opponents beside
   * them. A folder without is passed over. Throws UserError('data') for a broken strengths.json.
   */
  async addShipped(modelsDir: string, isKnown: (game: string) => boolean): Promise<void> {
    const names = await readdir(modelsDir).catch(() => []);
    // Tasks are played in the page alone, so the server lists none of them; it gives away what has learnt them all the same.
    const tasks = new Set([...this.tasks, ...tasksOf(await allGames())]);
    for (const name of names.sort()) {
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) continue;
      const game = await gameOf(join(modelsDir, name));
      if (game === undefined || !(isKnown(game) || tasks.has(game))) continue;
      if (holdsLearnedModel(join(modelsDir, name))) {
        this.add(learnedModel(`model:${name}`, join(modelsDir, name), game, this.limits, { name: name.replaceAll(/[-_]/g, ' '), group: 'shipped', checkpoint: null }));
        continue;
      }
      if (tasks.has(game)) {
        this.add(taskNetwork(`model:${name}`, join(modelsDir, name), game, { name: name.replaceAll(/[-_]/g, ' '), group: 'shipped', checkpoint: null, description: 'A trained network, shipped with Ludus.' }));
        continue;
      }
      this.add(network(`model:${name}`, join(modelsDir, name), game, this.limits, {
        name: name.replaceAll(/[-_]/g, ' '), group: 'shipped', checkpoint: null,
        description: 'A trained network with tree search, shipped with Ludus. Its strength grows with the simulations it may use.',
      }));
      this.addLevels(join(modelsDir, name), name, game);
    }
  }

  /** Replaces the run's entries; `folder` gives the path of a checkpoint. */
  setRun(game: string, checkpoints: readonly CheckpointView[], folder: (id: string) => string): void {
    this.run = new Map();
    for (const checkpoint of checkpoints) {
      if (holdsLearnedModel(folder(checkpoint.id))) {
        const entry = learnedModel(`run:${checkpoint.id}`, folder(checkpoint.id), game, this.limits, {
          name: `After ${minutes(checkpoint.elapsed)} (${checkpoint.positions.toLocaleString('en')} frames)`, group: 'run', checkpoint: checkpoint.id,
        });
        this.run.set(key(game, entry.view.id), entry);
        continue;
      }
      if (this.tasks.has(game)) {
        if (checkpoint.agent === null) continue;
        const entry = taskNetwork(checkpoint.agent, folder(checkpoint.id), game, {
          name: `After ${minutes(checkpoint.elapsed)} (${checkpoint.positions.toLocaleString('en')} frames)`, group: 'run', checkpoint: checkpoint.id,
          description: `What this run has learnt after ${checkpoint.positions.toLocaleString('en')} frames.`,
        });
        this.run.set(key(game, entry.view.id), entry);
        continue;
      }
      const entry = network(`run:${checkpoint.id}`, folder(checkpoint.id), game, this.limits, {
        name: `After ${minutes(checkpoint.elapsed)} (${checkpoint.games.toLocaleString('en')} games)`, group: 'run', checkpoint: checkpoint.id,
        description: `The network of this run after ${checkpoint.step.toLocaleString('en')} training steps, with tree search.`,
      });
      this.run.set(key(game, entry.view.id), entry);
    }
  }

  /** For the page: anchors, shipped models with their levels, weakest first, then the run's checkpoints, newest first and thinned out. */
  views(): AgentView[] {
    const run = [...this.run.values()].reverse();
    const stride = Math.max(1, (run.length - 1) / (MAX_RUN_ENTRIES - 1));
    const thinned = run.length <= MAX_RUN_ENTRIES ? run : Array.from({ length: MAX_RUN_ENTRIES }, (_, i) => run[Math.round(i * stride)]);
    return [...this.fixed.values(), ...thinned].map((entry) => entry.view);
  }

  /** The folder of an agent's network, by its id alone; undefined when there is none. */
  folderOf(id: string): string | undefined {
    for (const entries of [this.fixed, this.run]) for (const { view, folder } of entries.values()) if (view.id === id && folder !== undefined) return folder;
    return undefined;
  }

  find(game: string, id: string): CatalogueEntry | undefined {
    return this.fixed.get(key(game, id)) ?? this.run.get(key(game, id));
  }

  /** Throws Refusal('unknown-agent'). */
  get(game: string, id: string): CatalogueEntry {
    const entry = this.find(game, id);
    if (entry === undefined) throw new Refusal('unknown-agent', `there is no agent '${id}' for this game; reload for the present list`);
    return entry;
  }
}

/** Ids of those for one seat. */
const tasksOf = (games: readonly Game[]): string[] => games.flatMap(({ id, seats }) => (seats === 1 ? [id] : []));
const key = (game: string, id: string) => `${game} ${id}`;

async function gameOf(folder: string): Promise<string | undefined> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(folder, 'checkpoint.json'), 'utf8'));
    if (typeof manifest !== 'object' || manifest === null || !('game' in manifest)) return undefined;
    const { game } = manifest;
    if (typeof game === 'string') return game;
    return typeof game === 'object' && game !== null && 'id' in game && typeof game.id === 'string' ? game.id : undefined;
  } catch {
    return undefined;
  }
}
