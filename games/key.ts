/**
 * Scrambles a four-word key in place. Every step adds to one word a function of another, or is itself invertible, so
 * the whole is a bijection: keys that were different stay different, and every bit of input reaches every word, so that
 * a cache may take its slot from any of them.
 */
export function mixKey(key: Uint32Array): void {
  let a = key[0] | 0;
  let b = key[1] | 0;
  let c = key[2] | 0;
  let d = key[3] | 0;
  for (let round = 0; round < 2; round++) {
    b = (b ^ mix32(a)) | 0;
    c = (c + mix32(b ^ 0x3c6ef372)) | 0;
    d = (d ^ mix32(c + 0x1b873593)) | 0;
    a = (a + mix32(d ^ 0x5bd1e995)) | 0;
  }
  key[0] = a;
  key[1] = b;
  key[2] = c;
  key[3] = d;
}

/** The finishing mixer of MurmurHash3 (Austin Appleby), a bijection of 32-bit words. */
function mix32(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
