/**
 * Objects made of numbers as bytes and back: a game's state or a random stream, whose classes know nothing of saving.
 * Own fields are taken, nested objects and arrays included; what they share with nobody else must be all there is, so a
 * restored copy is compared with the original before it is trusted (`environments.ts`).
 */
import { deserialize, serialize } from 'node:v8';

type Plain = Record<string, unknown>;

/** The own fields of objects, as structured clones. Throws when a field is a function. */
export function takeSnapshot(objects: readonly object[]): Uint8Array {
  return serialize(objects);
}

/** Writes a snapshot's fields over those of objects of the same classes, in place. Throws when the shapes differ. */
export function applySnapshot(objects: readonly object[], snapshot: Uint8Array): void {
  const saved = deserialize(snapshot) as unknown;
  if (!Array.isArray(saved) || saved.length !== objects.length) throw new Error(`the snapshot holds something else than ${objects.length} objects`);
  objects.forEach((object, i) => assign(object as Plain, saved[i] as Plain));
}

function assign(target: Plain, source: Plain): void {
  for (const [key, value] of Object.entries(source)) {
    const before = target[key];
    if (isArrayOfNumbers(before) && isArrayOfNumbers(value) && before.length === value.length) before.set(value);
    else if (isPlain(before) && isPlain(value)) assign(before, value);
    else if (Array.isArray(before) && Array.isArray(value) && before.length === value.length) assign(before as unknown as Plain, value as unknown as Plain);
    else target[key] = value;
  }
}

function isArrayOfNumbers(value: unknown): value is Float64Array {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** An object with fields of its own: not null, no array, no typed array. */
function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}
