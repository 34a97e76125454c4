/**
 * A walk over MessagePack bytes before anything is decoded. A decoder believes the lengths it reads: five bytes that
 * announce an array of 30 million entries make it allocate 240 MB. Here each announced length is checked against the
 * bytes that are really there, nesting is bounded, and only what the wire needs is let through: no extension types (so
 * no dates, records, shared references, errors or typed arrays to be revived).
 * Format: the MessagePack specification, https://github.com/msgpack/msgpack/blob/master/spec.md, "Formats".
 */

/** Deeper than any message of the protocol by a factor of two. */
const MAX_DEPTH = 16;

/** undefined when the bytes are exactly one well-formed value; otherwise what is wrong with them. */
export function scan(bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.byteLength;
  let at = 0;
  let fault: string | undefined;

  const skip = (count: number): void => {
    at += count;
    if (at > end) fault ??= 'ends in the middle of a value';
  };
  /** Reads a big-endian length of 1, 2 or 4 bytes; each unit takes at least one of the remaining bytes. */
  const length = (size: 1 | 2 | 4): number => {
    if (at + size > end) {
      fault = 'ends in the middle of a length';
      return 0;
    }
    const n = size === 1 ? view.getUint8(at) : size === 2 ? view.getUint16(at) : view.getUint32(at);
    at += size;
    if (n <= end - at) return n;
    fault = 'announces more than it holds';
    return 0;
  };
  const values = (count: number, depth: number): void => {
    for (let i = 0; i < count; i++) {
      value(depth);
      if (fault !== undefined) return;
    }
  };
  const value = (depth: number): void => {
    if (depth > MAX_DEPTH) fault = 'is nested too deeply';
    else if (at >= end) fault = 'ends in the middle of a value';
    if (fault !== undefined) return;
    const token = bytes[at++];
    if (token < 0x80 || token >= 0xe0) return; // small integers
    if (token < 0x90) return values((token & 15) * 2, depth + 1);
    if (token < 0xa0) return values(token & 15, depth + 1);
    if (token < 0xc0) return skip(token & 31); // short text
    switch (token) {
      case 0xc0: case 0xc2: case 0xc3: return; // nil, false, true
      case 0xc4: case 0xd9: return skip(length(1)); // bytes, text
      case 0xc5: case 0xda: return skip(length(2));
      case 0xc6: case 0xdb: return skip(length(4));
      case 0xcc: case 0xd0: return skip(1); // integers
      case 0xcd: case 0xd1: return skip(2);
      case 0xca: case 0xce: case 0xd2: return skip(4); // float32 and integers
      case 0xcb: case 0xcf: case 0xd3: return skip(8);
      case 0xdc: return values(length(2), depth + 1);
      case 0xdd: return values(length(4), depth + 1);
      case 0xde: return values(length(2) * 2, depth + 1);
      case 0xdf: return values(length(4) * 2, depth + 1);
      default: fault = `has a value of type 0x${token.toString(16)}, which this protocol does not use`;
    }
  };

  value(0);
  if (fault === undefined && at < end) fault = 'has bytes after its end';
  return fault;
}
