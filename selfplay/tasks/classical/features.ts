/** Which tasks tables and tile coding can see, and how. */
import { isTabular } from '#games';
import { oneHotFeatures, tileFeatures, type Features, type FiniteModel, type TileCoding } from '#engine/tabular';
import type { ObservationSpace, Task } from '../types.js';

/** Tiles multiply with every dimension: beyond this many, even few a dimension are too many. */
const MOST_DIMENSIONS = 6;

/** Bounds of the observations of our tasks of a few numbers. Speeds that have no bound get one that good play seldom meets. */
const BOXES: Readonly<Record<string, Extract<ObservationSpace, { kind: 'box' }>>> = {
  'mountain-car': box([-1.2, 0.6], [-0.07, 0.07]),
  cartpole: box([-2.4, 2.4], [-3, 3], [-0.2095, 0.2095], [-3.5, 3.5]),
  acrobot: box([-1, 1], [-1, 1], [-1, 1], [-1, 1], [-4 * Math.PI, 4 * Math.PI], [-9 * Math.PI, 9 * Math.PI]),
};

function box(...bounds: readonly (readonly [low: number, high: number])[]): Extract<ObservationSpace, { kind: 'box' }> {
  return { kind: 'box', low: bounds.map(([low]) => low), high: bounds.map(([, high]) => high) };
}

export function spaceOf(task: Task): ObservationSpace | undefined {
  if (task.game !== undefined && isTabular(task.game)) return { kind: 'one-hot' };
  return task.observation ?? BOXES[task.id];
}

/** Numbers of an observation. */
export function observationSize({ planes }: Pick<Task, 'planes'>): number {
  return planes[0] * planes[1] * planes[2];
}

export interface FeatureSettings {
  /** Grids of tile coding; 0 is a table. */
  readonly tilings: number;
  /** Tiles along each dimension; 0 for a table. */
  readonly tiles: number;
}

/** Eight grids; the more dimensions, the coarser. */
export function defaultFeatures(task: Task): FeatureSettings {
  if (spaceOf(task)?.kind !== 'box') return { tilings: 0, tiles: 0 };
  const dimensions = observationSize(task);
  return { tilings: dimensions > 4 ? 16 : 8, tiles: dimensions > 4 ? 3 : dimensions > 2 ? 6 : 8 };
}

/** Why neither a table nor tiles can tell the observations of a task apart. */
export function unseen(task: Task): string | undefined {
  const size = observationSize(task);
  const space = spaceOf(task);
  const networks = 'take a network (dqn, ppo) or cem';
  if (space === undefined) {
    return size > MOST_DIMENSIONS
      ? `its observations are ${size} numbers, far more positions than a table has rows; ${networks}`
      : `the bounds of its ${size} numbers are not known, so no tiles can be laid over them; ${networks}`;
  }
  if (space.kind === 'one-hot') return undefined;
  return size > MOST_DIMENSIONS ? `tiles over ${size} dimensions would be too many (${MOST_DIMENSIONS} at most); ${networks}` : undefined;
}

/** The task's tile coding by these settings; undefined for a table. */
export function codingOf(task: Task, { tilings, tiles }: FeatureSettings): TileCoding | undefined {
  const space = spaceOf(task);
  if (space?.kind !== 'box') return undefined;
  return { tilings: Math.max(1, tilings), tiles: space.low.map(() => Math.max(1, tiles)), low: space.low, high: space.high };
}

export function featuresOf(task: Task, settings: FeatureSettings): Features {
  const coding = codingOf(task, settings);
  return coding === undefined ? oneHotFeatures(observationSize(task)) : tileFeatures(coding);
}

/** The rules as a list of positions and outcomes, for planners and exact comparison. */
export function modelOf(task: Task): FiniteModel | undefined {
  return task.game !== undefined && isTabular(task.game) ? task.game.model : undefined;
}
