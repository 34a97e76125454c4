/**
 * What the unrolled model should say, step by step (Schrittwieser et al. 2020, appendices G and H). A value target is the
 * n-step return z = Σ γ^i r + γ^n v, v being the search's value n steps later; with n beyond the longest episode it is the
 * outcome. A move drawn at random says nothing of the position before it: the return goes no further than to that position,
 * by the search's value. Nothing reaches across an episode's end: past a true end the model is taught an absorbing state (value 0, reward
 * 0, no policy); past a cut nothing is taught, and the return up to it goes on with the value of the position at the cut.
 */
import { encodeScalar, binCount, type MuZeroConfig } from '#engine/nn';
import type { Rng, Symmetry } from '#engine';
import { RUNNING, TERMINATED, TRUNCATED, type History } from './history.js';

export interface TargetFacts {
  readonly model: Pick<MuZeroConfig, 'value' | 'reward' | 'unroll' | 'consistency' | 'reconstruction'>;
  readonly actionCount: number;
  /** n: rewards taken before the search's value. */
  readonly tdSteps: number;
  /** γ */
  readonly discount: number;
  /** Orientations that rows are shown in, one drawn for each; none leaves them as they were. */
  readonly symmetries?: readonly Symmetry[];
}

/** A batch of training rows, in the form of `muZeroLoss`. */
export interface TrainingRows {
  readonly planes: Float32Array;
  readonly actions: Int32Array;
  readonly policy: Float32Array;
  readonly value: Float32Array;
  readonly reward: Float32Array;
  readonly weight: Float32Array;
  /** With consistency or reconstruction. */
  readonly seen?: Float32Array;
  readonly alike?: Float32Array;
}

export function createRows(facts: TargetFacts, planes: number, batch: number): TrainingRows {
  const { unroll: k, value, reward, consistency, reconstruction } = facts.model;
  return {
    planes: new Float32Array(batch * planes),
    actions: new Int32Array(batch * k),
    policy: new Float32Array(batch * (k + 1) * facts.actionCount),
    value: new Float32Array(batch * (k + 1) * binCount(value)),
    reward: new Float32Array(batch * k * binCount(reward)),
    weight: new Float32Array(batch).fill(1),
    ...((consistency || reconstruction) && { seen: new Float32Array(batch * k * planes), alike: new Float32Array(batch * k) }),
  };
}

/** The n-step return of a slot, for seat 0. */
export function returnOf(history: History, slot: number, { tdSteps, discount }: Pick<TargetFacts, 'tdSteps' | 'discount'>): number {
  let sum = 0;
  let factor = 1;
  for (let i = 0; i < tdSteps && history.strayed[slot] === 0; i++) {
    sum += factor * history.rewards[slot];
    factor *= discount;
    const end = history.ends[slot];
    if (end === TRUNCATED) return sum + factor * history.finalValues[slot];
    if (end === TERMINATED) return sum;
    slot = history.next(slot);
  }
  return sum + factor * history.values[slot];
}

/** Whether the episode ends, by itself or cut, within `steps` steps from the slot on, its own being the first; all of them written. */
export function endsWithin(history: History, slot: number, steps: number): boolean {
  for (let k = 0; k < steps; k++) {
    if (history.ends[slot] !== RUNNING) return true;
    slot = history.next(slot);
  }
  return false;
}

/** Writes row `row` for the position at `slot`; `rng` draws the orientation, and the actions that follow an end. */
export function fillRow(history: History, slot: number, facts: TargetFacts, rows: TrainingRows, row: number, rng: Rng): void {
  const { actionCount, model } = facts;
  const { unroll } = model;
  const valueBins = binCount(model.value);
  const rewardBins = binCount(model.reward);
  const { planes: size } = history.facts;
  const { symmetries = [] } = facts;
  const symmetry = symmetries.length > 1 ? symmetries[rng.below(symmetries.length)] : undefined;
  history.seen.read(slot, rows.planes, row * size);
  if (symmetry !== undefined) turnPlanes(rows.planes.subarray(row * size, (row + 1) * size), symmetry.cells);
  let end = RUNNING;
  for (let k = 0; k <= unroll; k++) {
    const policyAt = (row * (unroll + 1) + k) * actionCount;
    const valueAt = (row * (unroll + 1) + k) * valueBins;
    const sign = history.turns[slot] === 1 ? -1 : 1;
    if (end === RUNNING) {
      for (let a = 0; a < actionCount; a++) rows.policy[policyAt + (symmetry === undefined ? a : symmetry.actions[a])] = history.policies[slot * actionCount + a];
      encodeScalar(model.value, sign * returnOf(history, slot, facts), rows.value, valueAt);
    } else {
      rows.policy.fill(0, policyAt, policyAt + actionCount);
      if (end === TERMINATED) encodeScalar(model.value, 0, rows.value, valueAt);
      else rows.value.fill(0, valueAt, valueAt + valueBins);
    }
    if (rows.seen !== undefined && rows.alike !== undefined && k > 0) {
      const at = row * unroll + k - 1;
      rows.alike[at] = end === RUNNING ? 1 : 0;
      if (end === RUNNING) {
        history.seen.read(slot, rows.seen, at * size);
        if (symmetry !== undefined) turnPlanes(rows.seen.subarray(at * size, (at + 1) * size), symmetry.cells);
      } else rows.seen.fill(0, at * size, (at + 1) * size);
    }
    if (k === unroll) return;
    const rewardAt = (row * unroll + k) * rewardBins;
    if (end === RUNNING) {
      const action = history.actions[slot];
      rows.actions[row * unroll + k] = symmetry === undefined ? action : symmetry.actions[action];
      encodeScalar(model.reward, sign * history.rewards[slot], rows.reward, rewardAt);
      end = history.ends[slot];
      if (end === RUNNING) slot = history.next(slot);
    } else {
      rows.actions[row * unroll + k] = rng.below(actionCount);
      if (end === TERMINATED) encodeScalar(model.reward, 0, rows.reward, rewardAt);
      else rows.reward.fill(0, rewardAt, rewardAt + rewardBins);
    }
  }
}

/** One channel as it was; grown to the largest. */
let before = new Float32Array(0);

/** Turns planes [channels, cells.length] in place. */
function turnPlanes(planes: Float32Array, cells: Int32Array): void {
  const area = cells.length;
  if (before.length < area) before = new Float32Array(area);
  for (let from = 0; from < planes.length; from += area) {
    for (let i = 0; i < area; i++) before[i] = planes[from + i];
    for (let i = 0; i < area; i++) planes[from + i] = before[cells[i]];
  }
}
