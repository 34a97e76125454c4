/**
 * The one place where messages become bytes and bytes become messages: MessagePack, plain maps.
 *
 * msgpackr's defaults are not for a public wire: they write records (a per-connection dialect that revives code-shaped
 * structures) and mangle typed arrays. So: `useRecords: false`, typed arrays refused (a message holds plain arrays),
 * and nothing reaches the decoder that `scan` has not walked. After decoding, a strict schema decides.
 */
import { Packr, Unpackr } from 'msgpackr';
import { parseClientMessage, parseServerMessage } from './parse.js';
import { scan } from './scan.js';
import type { ClientMessage } from './client.js';
import type { ServerMessage } from './server.js';

/** Largest message that a server takes, in bytes: its own answers may be longer. */
export const MAX_CLIENT_BYTES = 64 * 1024;

/** A message that is not one: `message` says why, in words that may be shown to its sender. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });

/** Drops undefined entries (the wire has no word for them) and refuses what would not come back as it went. */
function plain(value: unknown, path: string): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  if (Array.isArray(value)) return value.map((entry, i) => plain(entry, `${path}[${i}]`));
  if (typeof value === 'object' && (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)) {
    const out: Record<string, unknown> = {};
    for (const [key, entry] of Object.entries(value)) if (entry !== undefined) out[key] = plain(entry, `${path}.${key}`);
    return out;
  }
  throw new TypeError(`${path} cannot be sent: only numbers, texts, booleans, null, arrays and plain objects can`);
}

/** A plain value as bytes, a copy that the caller owns; `decode` reads it. Throws TypeError on what the wire cannot carry (a defect of the caller). */
export function pack(value: unknown): Uint8Array<ArrayBuffer> {
  const packed: Uint8Array = packr.pack(plain(value, 'message'));
  return new Uint8Array(packed);
}

/** One message as bytes, as `pack`. */
export function encode(message: ClientMessage | ServerMessage): Uint8Array<ArrayBuffer> {
  return pack(message);
}

/** The value in the bytes, not yet trusted. Throws ProtocolError, and nothing else, on anything malformed. */
export function decode(bytes: Uint8Array): unknown {
  const fault = scan(bytes);
  if (fault !== undefined) throw new ProtocolError(`the message ${fault}`);
  try {
    return unpackr.unpack(bytes);
  } catch (cause) {
    throw new ProtocolError('the message cannot be decoded', { cause });
  }
}

/** For the server: bytes from a socket to one of the client's messages. Throws ProtocolError. */
export function decodeClientMessage(bytes: Uint8Array): ClientMessage {
  if (bytes.byteLength > MAX_CLIENT_BYTES) throw new ProtocolError(`the message has ${bytes.byteLength} bytes; at most ${MAX_CLIENT_BYTES} are taken`);
  const parsed = parseClientMessage(decode(bytes));
  if (typeof parsed === 'string') throw new ProtocolError(parsed);
  return parsed;
}

/** For the browser: bytes from the server to one of its messages. Throws ProtocolError. */
export function decodeServerMessage(bytes: Uint8Array): ServerMessage {
  const parsed = parseServerMessage(decode(bytes));
  if (typeof parsed === 'string') throw new ProtocolError(parsed);
  return parsed;
}
