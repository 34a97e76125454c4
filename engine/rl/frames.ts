/** Observations kept for later: whole float32, in bytes, or one bit each. */
import { UserError } from '#engine';

/** 'bits': numbers that are 0 or 1. 'bytes': multiples of 1/255 in [0, 1], as of pixels. 'floats': anything finite. */
export const frameKinds = ['bits', 'bytes', 'floats'] as const;
export type FrameKind = (typeof frameKinds)[number];

export class FrameStore {
  readonly kind: FrameKind;
  /** Numbers of a frame. */
  readonly size: number;
  /** [slots, stride]. */
  readonly data: Uint8Array | Float32Array;
  private readonly stride: number;

  constructor(kind: FrameKind, slots: number, size: number) {
    this.kind = kind;
    this.size = size;
    this.stride = kind === 'bits' ? Math.ceil(size / 8) : size;
    this.data = kind === 'floats' ? new Float32Array(slots * size) : new Uint8Array(slots * this.stride);
  }

  /** Keeps from[at, at + size). Throws UserError('data') for numbers that this kind cannot hold, NaN always among them. */
  write(slot: number, from: Float32Array, at: number): void {
    const { data, size, stride, kind } = this;
    const base = slot * stride;
    switch (kind) {
      case 'floats':
        for (let i = 0; i < size; i++) {
          const value = from[at + i];
          if (!Number.isFinite(value)) refuse(value, i, 'every number of it must be finite');
          data[base + i] = value;
        }
        return;
      case 'bytes':
        for (let i = 0; i < size; i++) {
          const scaled = from[at + i] * 255;
          const byte = Math.round(scaled);
          if (!(byte >= 0 && byte <= 255 && Math.abs(scaled - byte) < 1e-3)) refuse(from[at + i], i, "frames kept as 'bytes' hold multiples of 1/255 from 0 to 1; use frames=floats");
          data[base + i] = byte;
        }
        return;
      case 'bits':
        data.fill(0, base, base + stride);
        for (let i = 0; i < size; i++) {
          const value = from[at + i];
          if (value === 1) data[base + (i >> 3)] |= 1 << (i & 7);
          else if (value !== 0) refuse(value, i, "frames kept as 'bits' hold 0 and 1; use frames=floats");
        }
        return;
      default:
        kind satisfies never;
    }
  }

  /** Writes the frame to out[at, at + size). */
  read(slot: number, out: Float32Array, at: number): void {
    const { data, size, stride, kind } = this;
    const base = slot * stride;
    switch (kind) {
      case 'floats':
        for (let i = 0; i < size; i++) out[at + i] = data[base + i];
        return;
      case 'bytes':
        for (let i = 0; i < size; i++) out[at + i] = data[base + i] / 255;
        return;
      case 'bits':
        for (let i = 0, byte = 0; i < size; i++) {
          byte = (i & 7) === 0 ? data[base + (i >> 3)] : byte >> 1;
          out[at + i] = byte & 1;
        }
        return;
      default:
        kind satisfies never;
    }
  }
}

function refuse(value: number, index: number, why: string): never {
  throw new UserError('data', `an observation holds ${value} at index ${index}: ${why}`);
}
