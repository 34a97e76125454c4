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

/** A number in [0, 1]. */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) throw new InvalidArgumentError(`'${text}' is not a share from 0 to 1.`);
  return value;
}

/** "4..12", "4-12" or "8": whole numbers, least and most. */
export function range(text: string): [number, number] {
  const match = /^(\d{1,9})(?:(?:\.\.|-)(\d{1,9}))?$/.exec(text.trim());
  const [least, most] = match === null ? [1, 0] : [Number(match[1]), Number(match[2] ?? match[1])];
  if (least > most) throw new InvalidArgumentError(`'${text}' is not a range of whole numbers such as 4..12.`);
  return [least, most];
}

/** An option that may be given several times. */
export const collect = (text: string, before: string[] | undefined): string[] => [...(before ?? []), text];

/** "136,111,96": whole numbers in the order of `what`; as many as one of `lengths`. */
export const counts =
  (what: string, lengths: readonly number[]) =>
  (text: string): number[] => {
    const values = text.split(',').map((field) => (/^\s*\d{1,15}\s*$/.test(field) ? Number(field) : Number.NaN));
    if (!lengths.includes(values.length) || values.some(Number.isNaN)) {
      throw new InvalidArgumentError(`'${text}' is not ${lengths.join(' or ')} whole numbers separated by commas: ${what}.`);
    }
    return values;
  };

/** "random=0", repeatable. */
export function named(text: string, before: Record<string, number> | undefined): Record<string, number> {
  const equals = text.lastIndexOf('=');
  const value = Number(text.slice(equals + 1));
  if (equals < 1 || text.slice(equals + 1).trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError(`'${text}' is not NAME=ELO, such as random=0.`);
  return { ...before, [text.slice(0, equals)]: value };
}
