/** Games of one message, one behind the other: a length (32 bits, little-endian), then as many bytes. */
import { UserError } from '#engine';

/** Longest body that is read [bytes]. */
export const MOST_BODY_BYTES = 16 * 1024 * 1024;
/** Longest single game [bytes]: a thousand plies with a hundred moves each. */
export const MOST_GAME_BYTES = 4 * 1024 * 1024;

export function makeFrames(parts: readonly Uint8Array[]): Buffer {
  const out = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + 4 + part.length, 0));
  let at = 0;
  for (const part of parts) {
    at = out.writeUInt32LE(part.length, at);
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** The parts, views of `body`. Throws UserError('data') when lengths and bytes do not fit. */
export function parseFrames(body: Uint8Array): Uint8Array[] {
  if (body.length > MOST_BODY_BYTES) throw new UserError('data', `a message of ${body.length} bytes, where ${MOST_BODY_BYTES} are the most`);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < body.length; ) {
    if (at + 4 > body.length) throw new UserError('data', 'a message that is cut off');
    const length = view.getUint32(at, true);
    at += 4;
    if (length > MOST_GAME_BYTES) throw new UserError('data', `a game of ${length} bytes, where ${MOST_GAME_BYTES} are the most`);
    if (at + length > body.length) throw new UserError('data', 'a message that is cut off');
    parts.push(body.subarray(at, at + length));
    at += length;
  }
  return parts;
}
