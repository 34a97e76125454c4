/** What the page that watches a run is told. */
import * as z from 'zod';
import { action, agentId, count, gameId, line, name, runId, seriesName, serverTime, setup } from './common.js';

const real = z.number();
const rating = z.strictObject({ /** Elo; its zero is the anchor that `against` names. */ elo: real, /** 95 % half-width, Elo. */ error: real, against: name });

export const runStates = ['starting', 'running', 'paused', 'stopped', 'error'] as const;

/** A run just now. Rates are per second over the last seconds. */
export const trainingStatus = z.strictObject({
  /** Name of the run's folder. */
  run: name,
  game: gameId,
  state: z.enum(runStates),
  /** Why it is in this state: the error, or what finished it. */
  reason: line.nullable(),
  /** Actors wait while a person's move is searched. */
  yielding: z.boolean(),
  /** Seconds of training, all sittings together. */
  elapsed: real,
  /** Seconds after which it ends by itself; null when it goes on until stopped. */
  goal: real.nullable(),
  games: count,
  gamesPerSecond: real.nullable(),
  /** Positions (training rows) that self-play made. */
  positions: count,
  positionsPerSecond: real.nullable(),
  evaluationsPerSecond: real.nullable(),
  /** Optimiser steps. */
  step: count,
  stepsPerSecond: real.nullable(),
  learningRate: real.nullable(),
  /** Latest losses by name: total, policy, value, … */
  losses: z.record(seriesName, real),
  /** Positions that training draws from now. */
  window: count.nullable(),
  /** How often each position has been trained on, on average. */
  reuse: real.nullable(),
  /** Folder name of the newest checkpoint. */
  checkpoint: name.nullable(),
});

/**
 * A curve as columns of equal length, ascending by `elapsed`. Well-known names: loss.total, loss.policy, loss.value,
 * policy.entropy, value.correlation, value.slope, replay.age, rate.games, rate.positions, rate.evaluations, learning.rate, window, reuse,
 * game.length, results.first, results.draw, results.second, evaluation.outcome, evaluation.optimal, evaluation.return, rating. Others may appear: show them under their name.
 */
export const series = z.strictObject({
  name: seriesName,
  /** Seconds of training at each point. */
  elapsed: z.array(real),
  /** Games played by then. */
  games: z.array(count),
  /** Optimiser steps taken by then. */
  steps: z.array(count),
  values: z.array(real),
  /** 95 % half-width of each value; absent where it has none. */
  errors: z.array(real).optional(),
});

export const checkpointView = z.strictObject({
  /** Folder name, e.g. step-00001234. */
  id: name,
  /** Its entry in the catalogue; null while it is not playable. */
  agent: agentId.nullable(),
  step: count, games: count, positions: count,
  /** Seconds of training that made it. */
  elapsed: real,
  rating: rating.nullable(),
  /** Shares in [0, 1] of test positions where the chosen move keeps the exact result, or is among the best; null when not evaluated. */
  outcome: real.nullable(),
  optimal: real.nullable(),
  /** Of a task of one: mean return of whole episodes without exploration, and the 95 % half-width of that; null when not measured. */
  score: z.strictObject({ mean: real, error: real }).nullable(),
});

/** A self-play game as it stands: replay it with the game from #games. */
export const selfPlayBoard = z.strictObject({
  /** Another number: another game has begun. */
  gameNumber: count,
  game: gameId,
  setup: setup.nullable(),
  actions: z.array(action).max(100_000),
  /**
   * The search's value of each position, view of seat 0, in [-1, 1]: entry i after i moves; as long as `actions`, or one
   * longer. Where nobody told, the one before is repeated, from 0 at the start.
   */
  values: z.array(real).max(100_000),
  /** Sum of rewards to seat 0 once it is over. */
  returns: real.nullable(),
});

/** The settings that made a run, flattened: "search.simulations" and "32". For people. */
export const runSettings = z.array(z.strictObject({ name, value: line })).max(512);

/** A run on this machine, for the list of those that can be compared. */
export const runListing = z.strictObject({
  id: runId,
  /** Name of its folder. */
  name,
  game: gameId,
  /** It trains here and now. */
  live: z.boolean(),
  /** Seconds of training; games; optimiser steps. */
  elapsed: real, games: count, steps: count,
  /** When it last wrote, milliseconds since 1970. */
  changed: real,
});

export const findingLevels = ['ok', 'unknown', 'warning', 'problem'] as const;

/** What is wrong with the run, and what to change: the checks of `ludus diagnose`. */
export const diagnosisView = z.strictObject({
  /** When it was made. */
  at: serverTime,
  /** Optimiser step of the checkpoint that was judged. */
  step: count,
  /** The worst of the findings, `unknown` counting for nothing. */
  level: z.enum(['ok', 'warning', 'problem']),
  /** How long it took. */
  seconds: real,
  findings: z.array(z.strictObject({
    /** Name of the check, the same in every version. */
    check: name,
    title: line,
    /** `unknown`: there is too little to tell by. */
    level: z.enum(findingLevels),
    /** The figures in words, what they were held against, and what that means. */
    measured: line, threshold: line, meaning: line,
    /** What to do, by the names of settings; left out where nothing need be done. */
    change: line.optional(),
  })).max(64),
});

export type DiagnosisView = z.infer<typeof diagnosisView>;
export type RunListing = z.infer<typeof runListing>;
export type RunSettings = z.infer<typeof runSettings>;
export type TrainingStatus = z.infer<typeof trainingStatus>;
export type Series = z.infer<typeof series>;
export type CheckpointView = z.infer<typeof checkpointView>;
export type SelfPlayBoard = z.infer<typeof selfPlayBoard>;
