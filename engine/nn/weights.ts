/** Weights by name: first values, and the flat vectors that a training step works on. */
import { UserError, normal, type Rng } from '#engine';
import type { Network, ParameterSpec, Weights } from './types.js';

/** Where one parameter lies in its flat vector. */
export interface ParameterSlice {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly size: number;
}

/** The flat vectors' plan. The same for every optimiser. */
export interface ParameterLayout {
  /** Hidden kernels first, then other kernels, then vectors: each optimiser's share and the decayed share are ranges. */
  readonly trainedSlices: readonly ParameterSlice[];
  readonly statisticSlices: readonly ParameterSlice[];
  /** Length of `w`. */
  readonly trained: number;
  /** Length of `s`; 0 when the network keeps no running statistics. */
  readonly statistics: number;
  /** w[0, hiddenKernels) are hidden kernels, w[hiddenKernels, kernels) the other kernels, the rest vectors. */
  readonly hiddenKernels: number;
  readonly kernels: number;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export function layoutOf(network: Network): ParameterLayout {
  const names = new Set<string>();
  for (const { name } of network.parameters) {
    if (names.has(name)) throw new UserError('usage', `network '${network.name}' declares the parameter '${name}' twice`);
    names.add(name);
  }
  const hidden = network.parameters.filter((spec) => spec.kind === 'kernel' && spec.hidden);
  const kernels = network.parameters.filter((spec) => spec.kind === 'kernel' && !spec.hidden);
  const vectors = network.parameters.filter((spec) => spec.kind === 'vector');
  const trainedSlices = slices([...hidden, ...kernels, ...vectors]);
  const statisticSlices = slices(network.parameters.filter((spec) => spec.kind === 'statistic'));
  const total = (specs: readonly { shape: readonly number[] }[]) => specs.reduce((sum, spec) => sum + sizeOf(spec.shape), 0);
  return {
    trainedSlices,
    statisticSlices,
    trained: total(trainedSlices),
    statistics: total(statisticSlices),
    hiddenKernels: total(hidden),
    kernels: total(hidden) + total(kernels),
  };
}

function slices(specs: readonly ParameterSpec[]): ParameterSlice[] {
  let offset = 0;
  return specs.map(({ name, shape }) => {
    const slice = { name, shape, offset, size: sizeOf(shape) };
    offset += slice.size;
    return slice;
  });
}

/** Weights by name -> flat `w` and `s`. Throws UserError('data') when one is missing, unknown, of a wrong size or not finite. */
export function packWeights(layout: ParameterLayout, weights: Weights): { w: Float32Array; s: Float32Array } {
  const w = new Float32Array(layout.trained);
  const s = new Float32Array(layout.statistics);
  const known = new Set<string>();
  const fill = (flat: Float32Array, all: readonly ParameterSlice[]) => {
    for (const { name, shape, offset, size } of all) {
      known.add(name);
      flat.set(checked(`parameter '${name}'`, weights[name], size, `shape [${shape.join(', ')}]`), offset);
    }
  };
  fill(w, layout.trainedSlices);
  fill(s, layout.statisticSlices);
  for (const name of Object.keys(weights)) {
    if (!known.has(name)) throw new UserError('data', `the weights hold '${name}', which this network does not have; they belong to another network`);
  }
  return { w, s };
}

/** Flat `w` and `s` -> weights by name, each a copy. */
export function unpackWeights(layout: ParameterLayout, w: Float32Array, s: Float32Array): Weights {
  const weights: Weights = {};
  for (const { name, offset, size } of layout.trainedSlices) weights[name] = w.slice(offset, offset + size);
  for (const { name, offset, size } of layout.statisticSlices) weights[name] = s.slice(offset, offset + size);
  return weights;
}

/** The array, if it is there, has `size` entries and all are finite; otherwise throws UserError('data'). */
export function checked(what: string, array: Float32Array | undefined, size: number, expected: string): Float32Array {
  if (array === undefined) throw new UserError('data', `${what} is missing from the saved state; expected ${expected}`);
  if (array.length !== size) throw new UserError('data', `${what} has ${array.length} numbers; expected ${size} (${expected})`);
  for (let i = 0; i < size; i++) {
    if (!Number.isFinite(array[i])) throw new UserError('data', `${what} holds ${array[i]} at index ${i}; all numbers must be finite`);
  }
  return array;
}

/** First weights, each parameter from its own stream of `rng`, so that adding a layer changes no other. */
export function initialWeights(network: Network, rng: Rng): Weights {
  const weights: Weights = {};
  for (const spec of network.parameters) weights[spec.name] = initialValues(spec, rng.fork(spec.name));
  return weights;
}

function initialValues({ shape, init }: ParameterSpec, rng: Rng): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  if (init === 'zeros') return values;
  if (init === 'ones') return values.fill(1);
  if (typeof init === 'object' && 'constant' in init) return values.fill(init.constant);
  // Kernels are [..., inputs, outputs]; the leading axes are the receptive field.
  const outputs = shape[shape.length - 1] ?? 1;
  const inputs = shape[shape.length - 2] ?? 1;
  const field = sizeOf(shape.slice(0, -2));
  if (typeof init === 'object') return orthogonal(field * inputs, outputs, init.orthogonal, rng);
  const deviation = init === 'he' ? Math.sqrt(2 / (field * inputs)) : init === 'glorot' ? Math.sqrt(2 / (field * (inputs + outputs))) : init;
  for (let i = 0; i < values.length; i++) values[i] = deviation * normal(rng);
  return values;
}

/** `gain` times a matrix [rows, columns] with orthonormal rows or columns, whichever are fewer (Saxe et al. 2014): Gram and Schmidt on normal draws. */
function orthogonal(rows: number, columns: number, gain: number, rng: Rng): Float32Array {
  const [count, length] = rows < columns ? [rows, columns] : [columns, rows];
  const vectors: Float64Array[] = [];
  for (let k = 0; k < count; k++) {
    const vector = Float64Array.from({ length }, () => normal(rng));
    // Twice is enough to remove what rounding leaves of the earlier ones.
    for (let pass = 0; pass < 2; pass++) {
      for (const other of vectors) {
        let product = 0;
        for (let i = 0; i < length; i++) product += vector[i] * other[i];
        for (let i = 0; i < length; i++) vector[i] -= product * other[i];
      }
    }
    let squares = 0;
    for (const value of vector) squares += value * value;
    const scale = 1 / Math.sqrt(squares);
    for (let i = 0; i < length; i++) vector[i] *= scale;
    vectors.push(vector);
  }
  const values = new Float32Array(rows * columns);
  for (let k = 0; k < count; k++) for (let i = 0; i < length; i++) values[rows < columns ? k * columns + i : i * columns + k] = gain * vectors[k][i];
  return values;
}
