/** Parsers of option values: each names the option, what was wrong and what would be right. */
import { InvalidArgumentError } from 'commander';

/** An integer in [min, max]. */
export const integer =
  (min: number, max = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < min || value > max) {
      throw new InvalidArgumentError(`'${text}' is not a whole number ${max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`}.`);
    }
    return value;
  };

/** A positive number. */
export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) throw new InvalidArgumentError(`'${text}' is not a number above 0.`);
  return value;
}

/** An option that may be given several times. */
export const collect = (text: string, before: string[] | undefined): string[] => [...(before ?? []), text];

/** "8-14" or "9": an inclusive range of plies. */
export function range(text: string): [number, number] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text.trim());
  const low = match ? Number(match[1]) : Number.NaN;
  const high = match?.[2] === undefined ? low : Number(match[2]);
  if (!(low <= high)) throw new InvalidArgumentError(`'${text}' is not a range such as 8-14.`);
  return [low, high];
}
