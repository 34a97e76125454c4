/**
 * Masses with their sums in a complete binary tree (Schaul et al. 2016, appendix B.2.1): setting one and finding the entry
 * under a point of the total are both O(log n). A parent is always recomputed as the sum of its two children, so that
 * rounding errors never gather.
 */
import { UserError } from '#engine';

export class SumTree {
  readonly size: number;
  /** Leaves are nodes[leaves, leaves + size); node i has the children 2i and 2i + 1; node 1 is the total. */
  private readonly nodes: Float64Array;
  private readonly leaves: number;

  constructor(size: number) {
    if (!Number.isInteger(size) || size < 1) throw new UserError('usage', `a sum tree holds ${size} entries; it must be a whole number of at least 1`);
    this.size = size;
    this.leaves = 2 ** Math.ceil(Math.log2(size));
    this.nodes = new Float64Array(2 * this.leaves);
  }

  get total(): number {
    return this.nodes[1];
  }

  get(index: number): number {
    return this.nodes[this.leaves + index];
  }

  /** Throws UserError('data') for a mass that is negative or not finite: it would spoil every later draw. */
  set(index: number, mass: number): void {
    if (!(mass >= 0 && mass < Infinity)) throw new UserError('data', `the mass of entry ${index} is ${mass}; it must be a finite number of at least 0`);
    const { nodes } = this;
    let node = this.leaves + index;
    nodes[node] = mass;
    for (node >>= 1; node >= 1; node >>= 1) nodes[node] = nodes[2 * node] + nodes[2 * node + 1];
  }

  /** The entry whose stretch of [0, total) holds `point`; one with a mass above 0 whenever there is one. */
  find(point: number): number {
    const { nodes, leaves } = this;
    let node = 1;
    while (node < leaves) {
      const left = 2 * node;
      // An empty right side is never entered, also when rounding puts the point at the very end.
      if (point < nodes[left] || nodes[left + 1] === 0) node = left;
      else {
        point -= nodes[left];
        node = left + 1;
      }
    }
    return node - leaves;
  }

  /** A copy of the masses [size]. */
  masses(): Float64Array {
    return this.nodes.slice(this.leaves, this.leaves + this.size);
  }

  /** All masses at once; the sums are built from them as `set` would. */
  restore(masses: Float64Array): void {
    if (masses.length !== this.size) throw new UserError('data', `the saved sum tree has ${masses.length} entries; this one has ${this.size}`);
    this.nodes.fill(0);
    this.nodes.set(masses, this.leaves);
    for (let node = this.leaves - 1; node >= 1; node--) this.nodes[node] = this.nodes[2 * node] + this.nodes[2 * node + 1];
  }
}
