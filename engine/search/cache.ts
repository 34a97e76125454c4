/**
 * A bounded table from a position's key to the network's answer: open addressing in typed arrays. Of the logits only those
 * of legal actions are kept, in their order, since a game such as chess has far more actions than a position has moves. A new row takes a free
 * or the same key's slot within its probe window, else overwrites the window's first, so the table never grows and never
 * rehashes. All four key words are compared: another position's row is never returned.
 */
import { UserError } from '../errors.js';
import { KEY_WORDS } from '../types.js';
import type { PositionCache } from '../types.js';

/** Legal actions of a position that is kept at all: more are rare, and room for them would be wasted on all others. */
const MOST_LEGAL = 64;
/** Slots that a key may lie in: long enough to fill the table well, short enough for one or two cache lines. */
const WINDOW = 8;

class ProbedCache implements PositionCache {
  hits = 0;
  misses = 0;
  /** Logits of a slot. */
  private readonly width: number;
  private readonly mask: number;
  /** [slots, KEY_WORDS] */
  private readonly keys: Uint32Array;
  /** [slots] the generation that wrote the slot; any other than the current one means free. */
  private readonly written: Uint32Array;
  /** [slots, width] */
  private readonly logits: Float32Array;
  /** [slots] */
  private readonly values: Float32Array;
  private generation = 1;

  constructor(actionCount: number, slots: number) {
    this.width = Math.min(actionCount, MOST_LEGAL);
    this.mask = slots - 1;
    this.keys = new Uint32Array(slots * KEY_WORDS);
    this.written = new Uint32Array(slots);
    this.logits = new Float32Array(slots * this.width);
    this.values = new Float32Array(slots);
  }

  read(key: Uint32Array, legal: Int32Array, count: number, logits: Float32Array): number | undefined {
    const home = slotOf(key);
    for (let probe = 0; probe < WINDOW; probe++) {
      const slot = (home + probe) & this.mask;
      if (this.written[slot] !== this.generation) break;
      if (!this.holds(slot, key)) continue;
      const at = slot * this.width;
      for (let i = 0; i < count; i++) logits[legal[i]] = this.logits[at + i];
      this.hits++;
      return this.values[slot];
    }
    this.misses++;
    return undefined;
  }

  write(key: Uint32Array, legal: Int32Array, count: number, logits: Float32Array, value: number): void {
    if (count > this.width) return;
    const home = slotOf(key);
    let slot = home & this.mask;
    for (let i = 0; i < WINDOW; i++) {
      const probe = (home + i) & this.mask;
      if (this.written[probe] !== this.generation || this.holds(probe, key)) {
        slot = probe;
        break;
      }
    }
    this.written[slot] = this.generation;
    for (let w = 0; w < KEY_WORDS; w++) this.keys[slot * KEY_WORDS + w] = key[w];
    const at = slot * this.width;
    for (let i = 0; i < count; i++) this.logits[at + i] = logits[legal[i]];
    this.values[slot] = value;
  }

  clear(): void {
    if (++this.generation > 0xffffffff) {
      this.written.fill(0);
      this.generation = 1;
    }
  }

  private holds(slot: number, key: Uint32Array): boolean {
    const { keys } = this;
    const at = slot * KEY_WORDS;
    return keys[at] === key[0] && keys[at + 1] === key[1] && keys[at + 2] === key[2] && keys[at + 3] === key[3];
  }
}

/** Mixes all words, so that games whose keys are plain bit boards spread too. */
function slotOf(key: Uint32Array): number {
  let h = Math.imul(key[0] ^ Math.imul(key[1], 0x9e3779b1) ^ Math.imul(key[2], 0x85ebca77) ^ Math.imul(key[3], 0xc2b2ae3d), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 15), 0x297a2d39);
  return (h ^ (h >>> 15)) >>> 0;
}

/**
 * A cache of at most `capacity` network answers, rounded up to a power of two (at least 8); a row takes
 * 4 · min(actionCount, 64) + 24 bytes; positions with more legal actions than that are not kept. One cache belongs to one network: clear it when the weights change.
 */
export function createPositionCache(actionCount: number, capacity: number): PositionCache {
  if (!(capacity > 0 && capacity <= 2 ** 28)) throw new UserError('usage', `a position cache holds between 1 and ${2 ** 28} positions, not ${capacity}.`);
  let slots = WINDOW;
  while (slots < capacity) slots *= 2;
  return new ProbedCache(actionCount, slots);
}
