/** What a run tells whoever listens: the command line, the server, the metrics writer. */
import type { HeldOutResult } from './held-out.js';
import type { ThreadSeconds } from './thread-time.js';

/** Where a run stands; everything since its first sitting unless it says otherwise. */
export interface Progress {
  readonly game: string;
  /** Acknowledged, that is stored. */
  readonly games: number;
  /** Trained positions acknowledged. */
  readonly positions: number;
  /** Optimiser steps. */
  readonly steps: number;
  /** Time spent in training, pauses not counted [s]. */
  readonly elapsedSeconds: number;
  /** Over the last few seconds. */
  readonly gamesPerSecond: number;
  readonly positionsPerSecond: number;
  /** Network rows evaluated in self-play, a second. */
  readonly evaluationsPerSecond: number;
  readonly stepsPerSecond: number;
  /** Mean losses by name since the last progress; empty when there was no step. */
  readonly losses: Readonly<Record<string, number>>;
  readonly learningRate: number;
  /** Share of the search's value in the value target. */
  readonly valueMix: number;
  /** Simulations a move at present. */
  readonly simulations: number;
  /** Positions and games that the learner draws from. */
  readonly windowPositions: number;
  readonly windowGames: number;
  /** Positions of the window whose targets were exchanged for those of a newer search (`replay.reanalyze`), this sitting; left out where none were. */
  readonly revisedPositions?: number;
  /** Training rows for each position so far, this sitting. */
  readonly reuse: number;
  /** Steps that the learner is behind. */
  readonly backlog: number;
  /** Share of positions that the search asked for and the cache knew, since the last progress. */
  readonly cacheHitRate: number;
  /** Mean entropy of the search's policies since the last progress [nats]. */
  readonly policyEntropy: number;
  /** Mean length of the games since the last progress [plies]; 0 when none ended. */
  readonly gameLength: number;
  /** Shares of games won by the first seat, drawn, and won by the second, since the last progress. */
  readonly results: readonly [first: number, draw: number, second: number];
  /** Time to make one batch of rows, mean since the last progress [ms]. */
  readonly sampleMillis: number;
  /** Where the time of the run's threads went, this sitting; left out by runs whose games come from elsewhere. */
  readonly threadSeconds?: ThreadSeconds;
  /** Processor time of the process, this sitting [s]; measurements of checkpoints included. */
  readonly processorSeconds?: number;
  /** Time in which the actors rested because the learner was too far behind, this sitting [s]. */
  readonly laggingSeconds?: number;
  /** Mean rows of self-play's network calls over the most they could have, since the last progress; 0 when there was none. */
  readonly batchFill?: number;
  /** Resident memory of the process; mapped files are not counted where the system tells them apart [bytes]. */
  readonly memory: number;
  /** Values of the search against the results of some of the games since the last progress: correlation, and slope of the results over the values (1 = honest). Left out when too few ended. */
  readonly valueCorrelation?: number;
  readonly valueSlope?: number;
}

export type TrainingState = 'starting' | 'running' | 'yielding' | 'paused' | 'stopping' | 'stopped';

/** What the injected measurement found of one checkpoint. */
export interface EvaluationResult {
  /** One line for people. */
  readonly summary: string;
  /** By name, for the metrics: 'outcome', 'optimal', 'elo', 'score/random' ... */
  readonly values: Readonly<Record<string, number>>;
}

export interface TrainingEvents {
  progress: Progress;
  /** A stored game. */
  game: { readonly id: string; readonly actions: readonly number[]; readonly seed: number; readonly result: number; readonly checkpoint: number };
  /** The position of one game under way: all its moves, and the search's value in seat-0 view. At most a few a second. */
  board: { readonly actions: readonly number[]; readonly seed: number; readonly value: number };
  checkpoint: { readonly path: string; readonly step: number };
  evaluation: { readonly step: number; readonly checkpoint: string; readonly result: EvaluationResult };
  /** While learning from records. */
  heldOut: { readonly step: number; readonly result: HeldOutResult };
  state: TrainingState;
  /** Something failed. `fatal`: the run has stopped, and what was saved is safe. */
  error: { readonly error: Error; readonly fatal: boolean };
}

type Listener<T> = (event: T) => void;

/** A typed emitter. A listener that throws harms neither the run nor other listeners. */
export class Emitter<Events extends object> {
  private readonly listeners = new Map<keyof Events, Set<Listener<never>>>();

  /** Returns a function that takes the listener away again. */
  on<K extends keyof Events>(type: K, listener: Listener<Events[K]>): () => void {
    const set = this.listeners.get(type) ?? new Set();
    this.listeners.set(type, set);
    set.add(listener as Listener<never>);
    return () => set.delete(listener as Listener<never>);
  }

  emit<K extends keyof Events>(type: K, event: Events[K]): void {
    for (const listener of this.listeners.get(type) ?? []) {
      try {
        (listener as Listener<Events[K]>)(event);
      } catch (error) {
        // Reported out of this stack, as an uncaught error of the listener's own.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
