/** A trainer's state: by name as it is saved, flat as a training step carries it. */
import { UserError, type Rng } from '#engine';
import { createOptimizer } from './optimizers.js';
import type { TrainingStep } from './training-step.js';
import type { Network, OptimizerConfig, TrainerState, Weights } from './types.js';
import { checked, initialWeights, layoutOf, packWeights, sizeOf, unpackWeights } from './weights.js';

/** Step 0: the given weights, or fresh ones from a random stream, and an optimiser that has seen nothing. */
export function initialState(network: Network, optimizer: OptimizerConfig, from: Rng | Weights): TrainerState {
  const weights = isRng(from) ? initialWeights(network, from) : from;
  const { slots } = createOptimizer(optimizer, layoutOf(network));
  return { step: 0, weights, optimizer: Object.fromEntries(slots.map(({ name, shape }) => [name, new Float32Array(sizeOf(shape))])) };
}

function isRng(from: Rng | Weights): from is Rng {
  return typeof (from as Rng).uint32 === 'function';
}

/**
 * State by name -> the step's carried vectors by name, `step` as one number. Throws UserError('data') when something is
 * missing, unknown, of a wrong size or not finite: the state of another network or optimiser.
 */
export function packState(step: TrainingStep, state: TrainerState): Record<string, Float32Array> {
  const { w, s } = packWeights(step.layout, state.weights);
  const flat: Record<string, Float32Array> = { w };
  if (s.length > 0) flat.s = s;
  const sizes = new Map(step.inputs.map((input) => [input.name, sizeOf(input.shape)]));
  for (const name of step.slots) {
    const size = sizes.get(name) ?? 0;
    flat[name] = checked(`the optimiser's '${name}'`, state.optimizer[name], size, `${size} numbers`).slice();
  }
  for (const name of Object.keys(state.optimizer)) {
    if (!step.slots.includes(name)) {
      throw new UserError('data', `the saved state holds the optimiser's '${name}', but this optimiser keeps ${step.slots.join(', ')}; it belongs to another one`);
    }
  }
  if (!Number.isInteger(state.step) || state.step < 0) throw new UserError('data', `the saved state is at step ${state.step}; it must be a whole number of at least 0`);
  flat.step = Float32Array.of(state.step);
  return flat;
}

/** The step's carried vectors by name -> state by name, all copies. */
export function unpackState(step: TrainingStep, flat: Record<string, Float32Array>): TrainerState {
  return {
    step: flat.step[0],
    weights: unpackWeights(step.layout, flat.w, flat.s ?? new Float32Array(0)),
    optimizer: Object.fromEntries(step.slots.map((name) => [name, flat[name].slice()])),
  };
}
