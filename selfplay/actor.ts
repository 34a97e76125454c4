/**
 * Self-play: many games in lock-step, one leaf of each in every network call. One leaf a game needs no virtual loss, so
 * every search is exactly the sequential one, and the batch stays full however long single games last.
 */
import { CHANCE, OVER, createBatch, createPositionCache, createSearch, type Action, type Batch, type Evaluator, type Game, type PositionCache, type Rng, type Search, type SearchConfig, type State } from '#engine';
import type { RunConfig } from './config-schema.js';
import { EpisodeRecorder, startEpisode, type Episode } from './episode.js';
import { RememberedGames } from './remembered.js';
import { Revision } from './revision.js';

export type ActorConfig = Pick<RunConfig, 'search' | 'actors' | 'replay'>;

export interface ActorOptions<S extends State> {
  readonly game: Game<S>;
  readonly config: ActorConfig;
  readonly evaluator: Evaluator;
  /** Optimiser step of the evaluator's weights. */
  readonly step: number;
  /** Simulations a move, from now on; `setNetwork` changes it. */
  readonly simulations: number;
  /** Every game gets a stream of its own, by its index. */
  readonly rng: Rng;
  /** Episode ids are this and the game's index. */
  readonly idPrefix: string;
  /** Actors of the run, which share its window; 1 unless given. */
  readonly workers?: number;
  /** A game that ended. Called in the order of the slots. */
  onEpisode(episode: Episode): void;
  /** One of those games, all its positions searched again: its targets are new, the game is not. */
  onRevision?(episode: Episode): void;
  /** A move of the game in slot 0, for people who watch: all moves so far, and the search's value in seat-0 view. */
  onMove?(actions: Uint16Array, value: number, seed: number): void;
}

/** Counted since the actor began. */
export interface ActorCounters {
  /** Positions that the network evaluated. */
  evaluations: number;
  /** Network calls. */
  batches: number;
  /** Moves searched and played; searches of earlier games are not among them. */
  moves: number;
  /** Sum over these moves of the target policy's entropy [nats]. */
  entropy: number;
  games: number;
  cacheHits: number;
  cacheMisses: number;
  /** Time in network calls [ms]. */
  networkMillis: number;
  /** Time in everything else of self-play: trees, rules, games begun and ended, and by who runs the actor games sent and messages heard [ms]. */
  searchMillis: number;
  /** Time to open new weights [ms]; counted by who opens them. */
  weightsMillis: number;
}

/** Of an actor that has not begun. */
export const noCounters = (): ActorCounters => ({
  evaluations: 0, batches: 0, moves: 0, entropy: 0, games: 0, cacheHits: 0, cacheMisses: 0, networkMillis: 0, searchMillis: 0, weightsMillis: 0,
});

interface Slot<S extends State> {
  readonly search: Search<S>;
  readonly recorder: EpisodeRecorder;
  state: S;
  rng: Rng;
  index: number;
  seed: number;
  step: number;
  /** This move is searched in full and trained on. */
  full: boolean;
  /** The earlier game that is looked at again, instead of playing. */
  revision: Revision<S> | undefined;
}

/** Self-play search settings as the engine takes them: noise is on. */
export function selfPlaySearch({ search }: Pick<RunConfig, 'search'>, simulations: number): SearchConfig {
  if (search.kind === 'gumbel') return { kind: 'gumbel', simulations, maxConsidered: search.considered, valueScale: search.valueScale, noise: true };
  return {
    kind: 'puct', simulations, explorationInit: search.exploration, noise: search.noiseFraction > 0, noiseFraction: search.noiseFraction,
    noiseConcentration: search.noiseConcentration, forcedPlayouts: search.forcedPlayouts,
  };
}

export class Actor<S extends State> {
  readonly counters: ActorCounters = noCounters();
  private readonly options: ActorOptions<S>;
  private readonly game: Game<S>;
  private readonly slots: Slot<S>[] = [];
  private readonly batch: Batch;
  private readonly cache: PositionCache | undefined;
  private readonly legal: Int32Array;
  private readonly policy: Float32Array;
  private readonly odds: Float32Array;
  private evaluator: Evaluator;
  private step: number;
  private simulations: number;
  private nextGame = 0;
  /** Games to look at again; undefined where none are. */
  private readonly remembered: RememberedGames | undefined;
  /** Slots that do so, and how many are to. */
  private revising = 0;
  private readonly revisers: number;
  private nextRevision = 0;

  constructor(options: ActorOptions<S>) {
    const { game, config, rng } = options;
    this.options = options;
    this.game = game;
    this.evaluator = options.evaluator;
    this.step = options.step;
    this.simulations = options.simulations;
    this.batch = createBatch(game, config.actors.games);
    this.cache = config.actors.cache > 0 ? createPositionCache(game.actionCount, config.actors.cache) : undefined;
    this.legal = new Int32Array(game.actionCount);
    this.policy = new Float32Array(game.actionCount);
    this.odds = new Float32Array(game.actionCount);
    const { reanalyze } = config.replay;
    this.remembered = reanalyze > 0 ? new RememberedGames(config.replay, options.workers ?? 1) : undefined;
    this.revisers = reanalyze > 0 ? Math.min(config.actors.games - 1, Math.max(1, Math.round(config.actors.games * reanalyze))) : 0;
    const settings = selfPlaySearch(config, options.simulations);
    for (let i = 0; i < config.actors.games; i++) {
      const search = createSearch(game, settings, { cache: this.cache, symmetry: config.actors.leafSymmetry ? 'random' : 'none' });
      const slot: Slot<S> = { search, recorder: new EpisodeRecorder(), state: game.start(rng), rng, index: 0, seed: 0, step: 0, full: true, revision: undefined };
      this.slots.push(slot);
      this.begin(slot);
    }
  }

  /** Other weights from the next batch on. What the cache remembers of the old ones is forgotten. */
  setNetwork(evaluator: Evaluator, step: number, simulations: number): void {
    this.evaluator = evaluator;
    this.step = step;
    this.simulations = simulations;
    this.cache?.clear();
  }

  /** One leaf of every game, one network call, and all that follows from the answers: moves, finished and new games. */
  async iterate(): Promise<void> {
    const { batch, slots, counters } = this;
    batch.size = 0;
    const began = performance.now();
    for (let i = 0; i < slots.length; i++) this.advance(slots[i]);
    const asked = performance.now();
    if (batch.size > 0) {
      await this.evaluator.evaluate(batch);
      counters.evaluations += batch.size;
      counters.batches++;
    }
    const answered = performance.now();
    for (let i = 0; i < slots.length; i++) slots[i].search.absorb(batch);
    counters.networkMillis += answered - asked;
    counters.searchMillis += asked - began + performance.now() - answered;
    if (this.cache !== undefined) {
      counters.cacheHits = this.cache.hits;
      counters.cacheMisses = this.cache.misses;
    }
  }

  /** Plays whatever is decided in a slot, then asks for its next leaf. */
  private advance(slot: Slot<S>): void {
    while (slot.search.remaining === 0) this.move(slot);
    // Nothing asked for means that the search is still busy with positions that it knows: it goes on in the next round.
    slot.search.collect(this.batch, 1);
  }

  /** What a slot does that is free: it looks at an earlier game again where fewer slots do so than should, else it plays. */
  private next(slot: Slot<S>): void {
    // The first slot always plays: people may watch it.
    if (this.revising < this.revisers && slot !== this.slots[0] && this.lookAgain(slot)) return;
    this.begin(slot);
  }

  /** False when there is no game that the present weights could say anything new of. */
  private lookAgain(slot: Slot<S>): boolean {
    const rng = this.options.rng.fork('revision', this.nextRevision++);
    const episode = this.remembered?.older(this.step, rng);
    if (episode === undefined) return false;
    slot.rng = rng;
    slot.revision = new Revision(this.game, episode, rng);
    this.revising++;
    this.searchAgain(slot, slot.revision, undefined);
    return true;
  }

  /** Searched in full and with noise, as every trained move is, so that a new target means what the old one did. */
  private searchAgain(slot: Slot<S>, { state, ply }: Revision<S>, played: Action[] | undefined): void {
    slot.search.restart(state, slot.rng.fork('search', ply), played);
    slot.search.setSimulations(this.simulations);
  }

  private record(slot: Slot<S>, revision: Revision<S>): void {
    const value = slot.search.policyTarget(this.policy);
    const played = revision.record(value, this.policy);
    if (!revision.over) {
      this.searchAgain(slot, revision, played);
      return;
    }
    slot.revision = undefined;
    this.revising--;
    this.options.onRevision?.(revision.episode);
    this.next(slot);
  }

  private begin(slot: Slot<S>): void {
    const { rng, config } = this.options;
    slot.index = this.nextGame++;
    slot.rng = rng.fork('game', slot.index);
    slot.seed = slot.rng.fork('start').uint32();
    slot.step = this.step;
    const { openingShare, openingPlies } = config.actors;
    let random = openingPlies > 0 && slot.rng.float() < openingShare ? 1 + slot.rng.below(openingPlies) : 0;
    do {
      slot.state = startEpisode(this.game, slot.seed);
      slot.recorder.clear();
      this.playChance(slot);
      for (let ply = 0; ply < random && slot.state.turn !== OVER; ply++) {
        const count = slot.state.legal(this.legal);
        this.apply(slot, this.legal[slot.rng.below(count)], 0, false);
        this.playChance(slot);
      }
      random--;
      // An opening that ended the game is drawn again, one ply shorter, so that this comes to an end.
    } while (slot.state.turn === OVER && random >= 0);
    this.searchNext(slot, undefined);
  }

  private searchNext(slot: Slot<S>, played: Action[] | undefined): void {
    const { fastShare, fastSimulations } = this.options.config.search;
    slot.full = fastShare === 0 || slot.rng.float() >= fastShare;
    slot.search.restart(slot.state, slot.rng.fork('search', slot.recorder.length), played);
    slot.search.setSimulations(slot.full ? this.simulations : Math.min(fastSimulations, this.simulations));
  }

  /** Plays the searched move, or writes down what the search says of an earlier one. */
  private move(slot: Slot<S>): void {
    if (slot.revision !== undefined) {
      this.record(slot, slot.revision);
      return;
    }
    const { search, state, recorder } = slot;
    const { temperature, temperaturePlies } = this.options.config.search;
    const count = state.legal(this.legal);
    const value = search.policyTarget(this.policy);
    const action = search.action(slot.rng, recorder.length < temperaturePlies ? temperature : 0);
    this.counters.moves++;
    this.counters.entropy += this.entropy(count);
    const from = recorder.length;
    const seat0Value = state.turn === 1 ? -value : value;
    // `legal` is overwritten by what follows, so the policy is recorded with the ply.
    this.apply(slot, action, seat0Value, slot.full, count);
    this.playChance(slot);
    if (slot === this.slots[0]) this.options.onMove?.(recorder.played, seat0Value, slot.seed);
    if (slot.state.turn === OVER) {
      this.finish(slot);
      this.next(slot);
    } else {
      this.searchNext(slot, Array.from(recorder.played.subarray(from)));
    }
  }

  private finish(slot: Slot<S>): void {
    this.counters.games++;
    const { game, options } = this;
    const episode = slot.recorder.finish({
      id: `${options.idPrefix}-${slot.index}`, gameId: game.id, gameVersion: game.version, seed: slot.seed, checkpoint: slot.step, end: 'terminated',
    });
    this.remembered?.add(episode);
    options.onEpisode(episode);
  }

  /** Changes the position and records the ply; with `count`, also the policy over that many actions in `legal`. */
  private apply(slot: Slot<S>, action: Action, value: number, trained: boolean, count = 0): void {
    const reward = slot.state.apply(action, slot.rng);
    slot.recorder.ply(action, reward, value, trained);
    if (trained) slot.recorder.policy(this.legal, count, this.policy);
  }

  private playChance(slot: Slot<S>): void {
    while (slot.state.turn === CHANCE) {
      const last = slot.state.legal(this.legal) - 1;
      slot.state.chances!(this.odds);
      let left = slot.rng.float();
      let i = 0;
      while (i < last && (left -= this.odds[i]) >= 0) i++;
      this.apply(slot, this.legal[i], 0, false);
    }
  }

  private entropy(count: number): number {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const p = this.policy[this.legal[i]];
      if (p > 0) sum -= p * Math.log(p);
    }
    return sum;
  }
}
