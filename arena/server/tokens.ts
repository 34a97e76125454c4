/** Secrets that hold seats. Only their hashes stay in the server; a plain SHA-256 is enough for 192 random bits. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 192 random bits, base64url: 32 characters. */
export function newToken(): string {
  return randomBytes(24).toString('base64url');
}

/** 96 random bits, base64url: public, but not to be guessed or counted through. */
export function newRoomId(): string {
  return randomBytes(12).toString('base64url');
}

export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** In a time that does not depend on where they differ. */
export function sameHash(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
