/** Generates games with several players at once, writes them as they end, and goes on where an earlier sitting stopped. */
import { createHash } from 'node:crypto';
import { UserError } from '#engine';
import { loadGame } from '#games';
import { trainedCount } from '#selfplay';
import { AgentFailure } from '../agents/player.js';
import { type GeneratedGame, type PlaySettings, generateGame } from './game.js';
import { type Labeller, startLabeller } from './labeller.js';
import { type Sink, openSink } from './sinks.js';

export interface GenerateOptions extends PlaySettings {
  /** Id of a game, or the path of its module. */
  readonly game: string;
  readonly engine: string;
  readonly games: number;
  readonly out: string;
  readonly seed: number;
  readonly workers: number;
  readonly nodes?: number;
  readonly multipv: number;
  readonly temperature: number;
  readonly signal?: AbortSignal;
  onProgress?(progress: GenerateProgress): void;
  /** A player failed; its game is played again. */
  onFailure?(message: string): void;
}

export interface GenerateProgress {
  /** Games that are there, those of earlier sittings among them. */
  readonly games: number;
  /** Games and labelled positions of this sitting. */
  readonly fresh: number;
  readonly positions: number;
  /** Of this sitting, by seat 0. */
  readonly wins: number;
  readonly draws: number;
  readonly losses: number;
  readonly restarts: number;
}

/** A game that fails so often in a row fails for good. */
const ATTEMPTS = 3;
/** Milliseconds between commits: each waits for the disk. */
const COMMIT_MILLIS = 1000;

/** Resolves with the totals; an abort ends it early, with every finished game written. Throws UserError. */
export async function generate(options: GenerateOptions): Promise<GenerateProgress & { readonly interrupted: boolean }> {
  const game = await loadGame(options.game);
  if (game.seats !== 2 || game.chance !== 'none') throw new UserError('usage', `generate needs a game of two without chance; ${game.name} is none`);
  const labeller = (): Promise<Labeller> => startLabeller({ ...options, game, source: options.game });
  // Started before the place of the games is touched: a wrong name leaves nothing behind.
  const first = await labeller();
  let sink: Sink;
  try {
    sink = openSink(options.out, game, options.engine);
  } catch (error) {
    await first.close();
    throw error;
  }
  const run = new Run(options, (current, index) => generateGame(game, current, options, options.seed, index, idPrefix(options)), sink, labeller);
  try {
    await run.play(first);
  } finally {
    await sink.close();
  }
  return { ...run.progress, interrupted: run.progress.games < options.games };
}

/** The same settings make the same games, so they have the same ids, and are generated once. */
function idPrefix({ engine, seed, nodes, multipv, temperature, randomPlies, mistakes, playOut, maxPlies }: GenerateOptions): string {
  const hash = createHash('sha256').update(JSON.stringify([engine, seed, nodes, multipv, temperature, randomPlies, mistakes, playOut, maxPlies])).digest('hex');
  return `generate-${hash.slice(0, 10)}-`;
}

class Run {
  progress: GenerateProgress = { games: 0, fresh: 0, positions: 0, wins: 0, draws: 0, losses: 0, restarts: 0 };
  private readonly options: GenerateOptions;
  private readonly make: (labeller: Labeller, index: number) => Promise<GeneratedGame>;
  private readonly sink: Sink;
  private readonly labeller: () => Promise<Labeller>;
  private readonly waiting: GeneratedGame[] = [];
  private next = 0;
  private committed = performance.now();
  private failure: unknown;

  constructor(options: GenerateOptions, make: Run['make'], sink: Sink, labeller: Run['labeller']) {
    this.options = options;
    this.make = make;
    this.sink = sink;
    this.labeller = labeller;
  }

  async play(first: Labeller): Promise<void> {
    const workers = Math.max(1, Math.min(this.options.workers, this.options.games));
    await Promise.all(Array.from({ length: workers }, (_, i) => this.work(i === 0 ? first : undefined)));
    this.commit();
    if (this.failure !== undefined) throw this.failure;
  }

  private get over(): boolean {
    return this.failure !== undefined || this.options.signal?.aborted === true;
  }

  /** The next game that is not there yet; undefined when there is none. */
  private take(): number | undefined {
    const prefix = idPrefix(this.options);
    while (this.next < this.options.games && !this.over) {
      const index = this.next++;
      if (!this.sink.has(`${prefix}${index}`)) return index;
      this.progress = { ...this.progress, games: this.progress.games + 1 };
    }
    return undefined;
  }

  private async work(given: Labeller | undefined): Promise<void> {
    let labeller = given;
    try {
      for (let index = this.take(); index !== undefined && !this.over; index = this.take()) {
        for (let attempt = 1; ; attempt++) {
          labeller ??= await this.labeller();
          try {
            this.finished(await this.make(labeller, index));
            break;
          } catch (error) {
            if (!(error instanceof AgentFailure)) throw error;
            await labeller.close();
            labeller = undefined;
            if (attempt === ATTEMPTS) throw new UserError('environment', `${this.options.engine} failed ${ATTEMPTS} times in game ${index + 1}: ${error.message}; games before are kept`);
            this.progress = { ...this.progress, restarts: this.progress.restarts + 1 };
            this.options.onFailure?.(`${this.options.engine} failed in game ${index + 1} and was started again: ${error.message}`);
          }
        }
      }
    } catch (error) {
      this.failure ??= error;
    } finally {
      await labeller?.close();
    }
  }

  private finished(game: GeneratedGame): void {
    this.waiting.push(game);
    if (performance.now() - this.committed >= COMMIT_MILLIS) this.commit();
  }

  private commit(): void {
    this.committed = performance.now();
    if (this.waiting.length === 0) return;
    const games = this.waiting.splice(0);
    this.sink.add(games);
    const p = this.progress;
    const ended = (sign: number): number => games.filter(({ episode }) => Math.sign(episode.rewards.at(-1) ?? 0) === sign).length;
    this.progress = {
      ...p, games: p.games + games.length, fresh: p.fresh + games.length, positions: p.positions + games.reduce((sum, { episode }) => sum + trainedCount(episode), 0),
      wins: p.wins + ended(1), draws: p.draws + ended(0), losses: p.losses + ended(-1),
    };
    this.options.onProgress?.(this.progress);
  }
}
