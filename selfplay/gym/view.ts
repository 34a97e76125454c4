/**
 * From what an environment shows to planes: images are merged, turned grey, scaled and stacked as is usual for Atari
 * (Mnih et al. 2015, "Preprocessing"); indexes become one-hot; numbers stay as they are. All of it here and not in
 * Python, so that it needs no library there and is the same for every environment.
 */
import { UserError } from '#engine';
import type { GymSpec } from './spec.js';

/** As the bridge describes an observation space. */
export type Space =
  | { readonly kind: 'index'; readonly count: number }
  | { readonly kind: 'bytes' | 'numbers'; readonly shape: readonly number[]; readonly low: readonly number[]; readonly high: readonly number[] };

/** ITU-R BT.601, as ALE and most image libraries weigh colours. */
const RED = 0.299;
const GREEN = 0.587;
const BLUE = 0.114;

export class View {
  /** Of one observation, stack included. */
  readonly planes: readonly [channels: number, height: number, width: number];
  /** Bytes of one observation as the bridge sends it. */
  readonly rowBytes: number;
  private readonly space: Space;
  /** Two images a row, to be merged. */
  private readonly pooled: boolean;
  /** [channels, height, width] of one image or vector as it arrives. */
  private readonly source: readonly [number, number, number];
  private readonly channelsLast: boolean;
  private readonly single: readonly [number, number, number];
  private readonly merged: Float32Array;
  private readonly scaler: Scaler | undefined;
  /** Numbers of one observation before it is stacked. */
  private readonly size: number;

  constructor(space: Space, spec: GymSpec, pooled: boolean) {
    this.space = space;
    this.pooled = pooled;
    [this.source, this.channelsLast] = layout(space);
    const [channels, height, width] = this.source;
    const image = space.kind === 'bytes' && height > 1;
    const grey = image && spec.grey && channels === 3;
    const scaled = image && spec.size > 0;
    this.single = [grey ? 1 : channels, scaled ? spec.size : height, scaled ? spec.size : width];
    this.size = this.single[0] * this.single[1] * this.single[2];
    this.planes = [this.single[0] * spec.stack, this.single[1], this.single[2]];
    this.merged = new Float32Array(channels * height * width);
    this.scaler = scaled ? new Scaler(height, width, spec.size, spec.size) : undefined;
    this.rowBytes = space.kind === 'index' ? 4 : channels * height * width * (space.kind === 'bytes' ? (pooled ? 2 : 1) : 4);
  }

  /** Shows the first observation of an episode in all places of the stack. */
  begin(row: Buffer, out: Float32Array): void {
    const newest = out.length - this.size;
    this.read(row, out, newest);
    for (let at = 0; at < newest; at += this.size) out.copyWithin(at, newest, newest + this.size);
  }

  /** Shows one more: the oldest goes. `out` may be another array than `before`. */
  push(row: Buffer, before: Float32Array, out: Float32Array): void {
    out.set(before.subarray(this.size));
    this.read(row, out, out.length - this.size);
  }

  private read(row: Buffer, out: Float32Array, at: number): void {
    switch (this.space.kind) {
      case 'index': {
        const index = row.readInt32LE(0);
        if (index < 0 || index >= this.space.count) throw new UserError('data', `an observation of ${index}, which is not among its ${this.space.count}`);
        out.fill(0, at, at + this.size);
        out[at + index] = 1;
        return;
      }
      case 'numbers': {
        const [channels] = this.source;
        const cells = this.size / channels;
        for (let i = 0; i < this.size; i++) {
          const value = row.readFloatLE(4 * i);
          if (!Number.isFinite(value)) throw new UserError('data', `an observation with ${value} at place ${i}`);
          out[at + (this.channelsLast ? (i % channels) * cells + Math.floor(i / channels) : i)] = value;
        }
        return;
      }
      case 'bytes': return this.image(row, out, at);
      default: return this.space satisfies never;
    }
  }

  /** Brighter of two cells, grey, scaled, and 0 to 1 in steps of 1/255. */
  private image(row: Buffer, out: Float32Array, at: number): void {
    const { merged } = this;
    const [channels, height, width] = this.source;
    const cells = height * width;
    const second = this.pooled ? merged.length : 0;
    const [channelStep, cellStep] = this.channelsLast ? [1, channels] : [cells, 1];
    for (let channel = 0, to = 0; channel < channels; channel++) {
      for (let from = channel * channelStep, end = to + cells; to < end; to++, from += cellStep) {
        const old = row[from];
        const now = row[from + second];
        merged[to] = old > now ? old : now;
      }
    }
    if (this.single[0] < channels) for (let i = 0; i < cells; i++) merged[i] = Math.round(RED * merged[i] + GREEN * merged[cells + i] + BLUE * merged[2 * cells + i]);
    const area = this.single[1] * this.single[2];
    for (let channel = 0; channel < this.single[0]; channel++) {
      const plane = merged.subarray(channel * cells, (channel + 1) * cells);
      const target = out.subarray(at + channel * area, at + (channel + 1) * area);
      if (this.scaler === undefined) target.set(plane);
      else this.scaler.scale(plane, target);
      for (let i = 0; i < area; i++) target[i] = Math.round(target[i]) / 255;
    }
  }
}

function layout(space: Space): [source: readonly [number, number, number], channelsLast: boolean] {
  if (space.kind === 'index') return [[space.count, 1, 1], false];
  const { shape } = space;
  switch (shape.length) {
    case 0: return [[1, 1, 1], false];
    case 1: return [[shape[0], 1, 1], false];
    case 2: return [[1, shape[0], shape[1]], false];
    case 3: return shape[2] <= 4 ? [[shape[2], shape[0], shape[1]], true] : [[shape[0], shape[1], shape[2]], false];
    default: throw new UserError('usage', `observations of ${shape.length} dimensions (${shape.join(' x ')}) cannot be shown as planes; wrap the environment with FlattenObservation`);
  }
}

/** Scaling by area: each new cell is the mean of what it covers, with the shares of cells that it covers in part. */
export class Scaler {
  private readonly rows: Shares;
  private readonly columns: Shares;
  private readonly half: Float32Array;
  private readonly width: number;

  constructor(height: number, width: number, toHeight: number, toWidth: number) {
    this.rows = shares(height, toHeight);
    this.columns = shares(width, toWidth);
    this.half = new Float32Array(toHeight * width);
    this.width = width;
  }

  scale(from: Float32Array, to: Float32Array): void {
    const { rows, columns, half, width } = this;
    half.fill(0);
    for (let row = 0; row < rows.first.length; row++) {
      for (let k = rows.begin[row]; k < rows.begin[row + 1]; k++) {
        const source = (rows.first[row] + k - rows.begin[row]) * width;
        const share = rows.share[k];
        for (let column = 0; column < width; column++) half[row * width + column] += share * from[source + column];
      }
      for (let column = 0; column < columns.first.length; column++) {
        let sum = 0;
        for (let k = columns.begin[column]; k < columns.begin[column + 1]; k++) sum += columns.share[k] * half[row * width + columns.first[column] + k - columns.begin[column]];
        to[row * columns.first.length + column] = sum;
      }
    }
  }
}

/** For each new place: the first old one that it covers, and the shares of it and those after it (from `begin` on). */
interface Shares {
  readonly first: Int32Array;
  readonly begin: Int32Array;
  readonly share: Float32Array;
}

function shares(from: number, to: number): Shares {
  const first = new Int32Array(to);
  const begin = new Int32Array(to + 1);
  const share: number[] = [];
  for (let i = 0; i < to; i++) {
    const low = (i * from) / to;
    const high = ((i + 1) * from) / to;
    first[i] = Math.floor(low);
    // The end of the last one may be off by rounding.
    for (let k = first[i]; k < Math.min(from, high - 1e-9); k++) share.push(((Math.min(k + 1, high) - Math.max(k, low)) * to) / from);
    begin[i + 1] = share.length;
  }
  return { first, begin, share: Float32Array.from(share) };
}
