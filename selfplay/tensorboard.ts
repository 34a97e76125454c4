/**
 * TensorBoard event files, written by hand: TFRecord frames around three small protobuf messages, so that no dependency
 * is needed. Event { 1: wall_time double, 2: step int64, 3: file_version string, 5: Summary { 1: Value { 1: tag,
 * 2: simple_value float } } } as in TensorFlow's event.proto and summary.proto.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** CRC-32C (Castagnoli), reflected polynomial 0x82f63b78. */
const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = (c >>> 1) ^ (c & 1 ? 0x82f63b78 : 0);
  return c;
});

export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ table[(crc ^ byte) & 255];
  return (crc ^ 0xffffffff) >>> 0;
}

/** TFRecord's masking: a rotation and a constant, so that a checksum of data that holds checksums stays sound. */
export function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** length uint64 | masked crc of length uint32 | data | masked crc of data uint32, little endian. */
export function frame(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length + 16);
  const view = new DataView(out.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc(out.subarray(0, 8)), true);
  out.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc(data), true);
  return out;
}

type Bytes = readonly number[] | Uint8Array;

function concat(...parts: Bytes[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function varint(value: number): number[] {
  const out: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) out.push((value % 128) | 128);
  out.push(value);
  return out;
}

const delimited = (field: number, bytes: Bytes): Uint8Array => concat([(field << 3) | 2], varint(bytes.length), bytes);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function double(field: number, value: number): Uint8Array {
  const out = new Uint8Array(9);
  out[0] = (field << 3) | 1;
  new DataView(out.buffer).setFloat64(1, value, true);
  return out;
}

function float(field: number, value: number): Uint8Array {
  const out = new Uint8Array(5);
  out[0] = (field << 3) | 5;
  new DataView(out.buffer).setFloat32(1, value, true);
  return out;
}

/** One event with scalars by tag; `seconds` since 1970. */
export function scalarEvent(seconds: number, step: number, scalars: Readonly<Record<string, number>>): Uint8Array {
  const values = Object.entries(scalars).map(([tag, value]) => delimited(1, concat(delimited(1, text(tag)), float(2, value))));
  return concat(double(1, seconds), [2 << 3], varint(step), delimited(5, concat(...values)));
}

/** Appends scalars to an event file of its own in a folder that `tensorboard --logdir` reads. */
export class TensorBoardWriter {
  private readonly file: string;

  constructor(folder: string, seconds: number) {
    mkdirSync(folder, { recursive: true });
    this.file = join(folder, `events.out.tfevents.${Math.floor(seconds)}.${hostname()}.${process.pid}`);
    appendFileSync(this.file, frame(concat(double(1, seconds), delimited(3, text('brain.Event:2')))));
  }

  write(seconds: number, step: number, scalars: Readonly<Record<string, number>>): void {
    const finite = Object.entries(scalars).filter(([, value]) => Number.isFinite(value));
    if (finite.length > 0) appendFileSync(this.file, frame(scalarEvent(seconds, step, Object.fromEntries(finite))));
  }
}
