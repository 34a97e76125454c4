/**
 * Seeded random numbers: sfc32 (Chris Doty-Humphrey's small fast counter generator, 128 bits of state, passes PractRand),
 * in 32-bit integer arithmetic so that it is quick in JavaScript and the same everywhere.
 * Streams are derived from (seed, purpose, index), never shared, so results do not depend on the order in which things ran.
 */
export interface Rng {
  /** Uniform 32-bit unsigned integer. */
  uint32(): number;
  /** Uniform in [0, 1), 32 bits of resolution. */
  float(): number;
  /** Uniform integer in [0, n), n >= 1, unbiased to within n / 2^32. */
  below(n: number): number;
  /** A new independent stream named by purpose and index; does not advance this one. */
  fork(purpose: string, index?: number): Rng;
}

/** FNV-1a over the text's UTF-16 units, finished with murmur3's mixer. */
function hashText(text: string, seed: number): number {
  let h = (0x811c9dc5 ^ seed) | 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix(h);
}

function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

class Sfc32 implements Rng {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;
  /** What this stream was made from: forks derive from it, so they do not depend on how far the stream has run. */
  private readonly s0: number;
  private readonly s1: number;
  private readonly s2: number;

  constructor(s0: number, s1: number, s2: number) {
    this.s0 = this.a = s0 | 0;
    this.s1 = this.b = s1 | 0;
    this.s2 = this.c = s2 | 0;
    for (let i = 0; i < 15; i++) this.uint32();
  }

  uint32(): number {
    const out = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + out) | 0;
    return out >>> 0;
  }

  float(): number {
    return this.uint32() * 2.3283064365386963e-10;
  }

  below(n: number): number {
    // The high word of a 32 x 32 bit product, in double arithmetic: exact enough for n < 2^20, and free of division.
    return Math.floor(this.uint32() * 2.3283064365386963e-10 * n);
  }

  fork(purpose: string, index = 0): Rng {
    const low = index | 0;
    const high = Math.floor(index / 4294967296) | 0;
    const h = hashText(purpose, this.s0);
    return new Sfc32(mix(h ^ mix(low + 0x9e3779b9)), mix((this.s1 + h) ^ mix(high ^ 0x7f4a7c15)), mix(this.s2 ^ Math.imul(h, 0x27d4eb2f) ^ low));
  }
}

/** A stream for a seed: an integer (any below 2^53) or a text. */
export function createRng(seed: number | string): Rng {
  if (typeof seed === 'string') return new Sfc32(hashText(seed, 1), hashText(seed, 2), hashText(seed, 3));
  const low = seed | 0;
  const high = Math.floor(seed / 4294967296) | 0;
  return new Sfc32(mix(low ^ 0x9e3779b9), mix(high ^ 0x85ebca6b), mix(low ^ Math.imul(high, 31) ^ 0x2545f491));
}

/** Standard normal, by Box and Muller. */
export function normal(rng: Rng): number {
  return Math.sqrt(-2 * Math.log(1 - rng.float())) * Math.cos(2 * Math.PI * rng.float());
}

/** Standard Gumbel: -log(-log(u)). */
export function gumbel(rng: Rng): number {
  // 1 - float() is in (0, 1]; the half step keeps the inner logarithm away from 0 on both sides.
  const u = (rng.uint32() + 0.5) * 2.3283064365386963e-10;
  return -Math.log(-Math.log(u));
}

/** Gamma(shape, 1) by Marsaglia and Tsang (2000), with the usual boost below 1. */
export function gamma(rng: Rng, shape: number): number {
  if (shape < 1) return gamma(rng, shape + 1) * Math.pow(1 - rng.float(), 1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(rng);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - rng.float()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Writes a symmetric Dirichlet(alpha) sample of `count` entries to out. */
export function dirichlet(rng: Rng, alpha: number, out: Float32Array, count: number): void {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += out[i] = gamma(rng, alpha);
  // A tiny alpha can underflow every draw: fall back to one corner, which is that distribution's limit.
  if (!(sum > 0)) out.fill(0, 0, count)[rng.below(count)] = sum = 1;
  for (let i = 0; i < count; i++) out[i] /= sum;
}
