/**
 * What a TensorFlow.js kernel means in graph nodes. A rule gets the kernel's inputs as nodes, in the shapes that the
 * calling operation sees, and the kernel's attributes; its names and attributes are those of tfjs-core's kernel_names.
 */
import type { GraphBuilder } from './builder.js';
import type { GraphNode } from './graph.js';

/** A kernel's inputs by name; kernels that take a list of tensors have the keys 0, 1, … */
export type KernelInputs = Record<string, GraphNode>;
export type KernelAttributes = Record<string, unknown>;
export type KernelRule = (build: GraphBuilder, inputs: KernelInputs, attributes: KernelAttributes) => GraphNode | readonly GraphNode[];
export type KernelTable = Record<string, KernelRule>;

/** Attributes whose type the table's author knows from tfjs-core: `rule<SumAttrs>((build, { x }, { axis }) => …)`. */
export const rule =
  <Attributes>(make: (build: GraphBuilder, inputs: KernelInputs, attributes: Attributes) => GraphNode | readonly GraphNode[]): KernelRule =>
  (build, inputs, attributes) =>
    make(build, inputs, attributes as Attributes);

/** Axes as counted from the front; all of them when none are given. */
export function axesOf(axis: number | readonly number[] | null | undefined, rank: number): number[] {
  const axes = axis === null || axis === undefined ? Array.from({ length: rank }, (_, i) => i) : typeof axis === 'number' ? [axis] : [...axis];
  return axes.map((a) => (a < 0 ? a + rank : a));
}
