/**
 * The wire format of Protocol Buffers, as little of it as an ONNX file needs (protobuf.dev, "Encoding"): varints,
 * length-delimited fields and 32-bit floats. Written by hand because the schema is small and stable, and a code
 * generator with its run time would be larger than everything that uses it.
 */

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
