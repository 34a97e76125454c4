/**
 * The wire format of Protocol Buffers, as little of it as an ONNX file needs (protobuf.dev, "Encoding"): varints,
 * length-delimited fields and 32-bit floats. Written by hand because the schema is small and stable, and a code
 * generator with its run time would be larger than everything that uses it.
 */
import { UserError } from '#engine';

/** UTF-8 bytes of a text; the pure part of the engine has no TextEncoder. */
export function utf8(text: string): Uint8Array {
  const escaped = encodeURIComponent(text);
  const bytes: number[] = [];
  for (let i = 0; i < escaped.length; i++) {
    if (escaped[i] === '%') {
      bytes.push(Number.parseInt(escaped.slice(i + 1, i + 3), 16));
      i += 2;
    } else bytes.push(escaped.charCodeAt(i));
  }
  return Uint8Array.from(bytes);
}

/** A message being written: fields are appended in order, sub-messages are spliced in without copying their bytes. */
export class MessageWriter {
  private readonly pieces: Uint8Array[] = [];
  private length = 0;

  private push(bytes: Uint8Array): void {
    this.pieces.push(bytes);
    this.length += bytes.length;
  }

  /** A varint of up to 53 bits; negative numbers take ten bytes, as two's complement of 64 bits. */
  private varint(value: number): void {
    const bytes: number[] = [];
    if (value < 0) {
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
      bytes.push(Number(rest));
    } else {
      let rest = value;
      for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
      bytes.push(rest);
    }
    this.push(Uint8Array.from(bytes));
  }

  integer(field: number, value: number): this {
    this.varint(field * 8);
    this.varint(value);
    return this;
  }

  float(field: number, value: number): this {
    this.varint(field * 8 + 5);
    this.push(new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  /** Keeps a view of `value`: it must not change before `finish`. */
  bytes(field: number, value: Uint8Array): this {
    this.varint(field * 8 + 2);
    this.varint(value.length);
    this.push(value);
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, utf8(value));
  }

  message(field: number, value: MessageWriter): this {
    this.varint(field * 8 + 2);
    this.varint(value.length);
    for (const piece of value.pieces) this.pieces.push(piece);
    this.length += value.length;
    return this;
  }

  finish(): Uint8Array {
    const out = new Uint8Array(this.length);
    let at = 0;
    for (const piece of this.pieces) {
      out.set(piece, at);
      at += piece.length;
    }
    return out;
  }
}

/** The text of UTF-8 bytes. */
export function textOf(bytes: Uint8Array): string {
  let escaped = '';
  for (const byte of bytes) escaped += `%${byte.toString(16).padStart(2, '0')}`;
  return decodeURIComponent(escaped);
}

/**
 * The fields of a message in order: number, and value, which is a number for a varint and a view of the bytes for all
 * else. Throws UserError('data') where the bytes end within a field, or it is of a wire type that proto3 does not have.
 */
export function fieldsOf(bytes: Uint8Array): [field: number, value: number | Uint8Array][] {
  const fields: [number, number | Uint8Array][] = [];
  let at = 0;
  const need = (length: number): number => {
    if (!(length >= 0) || at + length > bytes.length) throw new UserError('data', `the model is not an ONNX file: a field at byte ${at} goes beyond its end`);
    at += length;
    return at - length;
  };
  // Beyond 53 bits it loses the last digits: only negative numbers are so long, and nobody here asks for one.
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[need(1)];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const lengths: Record<number, () => number> = { 1: () => 8, 2: varint, 5: () => 4 };
    const wire = tag % 8;
    const field = Math.floor(tag / 8);
    if (wire === 0) {
      fields.push([field, varint()]);
      continue;
    }
    if (lengths[wire] === undefined) throw new UserError('data', `the model is not an ONNX file: wire type ${wire} before byte ${at}`);
    const length = lengths[wire]();
    const from = need(length);
    fields.push([field, bytes.subarray(from, from + length)]);
  }
  return fields;
}
