/** Variants of the settings that a sweep compares, and what their runs have in common. */
import { UserError } from '#engine';
import { standardError } from './plot.js';

export interface Variant {
  readonly name: string;
  /** `key=value` texts, in the notation of --set. */
  readonly settings: readonly string[];
}

/** The settings as they are, with which every other variant is compared. */
export const DEFAULT = 'default';

/** "small:network.hidden=64,64,search.simulations=8": a comma before `key=` parts two settings, others belong to a value. */
export function parseVariant(text: string): Variant {
  const match = /^([A-Za-z0-9][\w.+-]*):(.+)$/s.exec(text.trim());
  if (match === null) throw new UserError('usage', `--variant ${text}: a variant is NAME:key=value,key=value, such as small:network.hidden=64,64,search.simulations=8`);
  const [, name, settings] = match;
  if (name === DEFAULT) throw new UserError('usage', `--variant ${text}: '${DEFAULT}' is the name of the settings as they are; choose another`);
  return { name, settings: settings.split(/,(?=[A-Za-z]+(?:\.[A-Za-z]+)*=)/) };
}

/** `default` and the given ones. Throws UserError('usage') for names that come twice. */
export function parseVariants(texts: readonly string[]): Variant[] {
  const variants = [{ name: DEFAULT, settings: [] }, ...texts.map(parseVariant)];
  // Names become folders, which some systems tell apart by more than case.
  const twice = variants.find(({ name }, i) => variants.findIndex((other) => other.name.toLowerCase() === name.toLowerCase()) !== i);
  if (twice !== undefined) throw new UserError('usage', `two variants are named '${twice.name}'`);
  return variants;
}

/** Of one figure over a variant's seeds. */
export interface Summary {
  readonly n: number;
  readonly mean: number | null;
  /** Of the mean, over the seeds; null with fewer than two. */
  readonly standardError: number | null;
}

export function summarize(values: readonly number[]): Summary {
  const n = values.length;
  return { n, mean: n === 0 ? null : values.reduce((sum, value) => sum + value, 0) / n, standardError: n < 2 ? null : standardError(values) };
}

/** One mean less another, with the standard error of the difference of independent samples (Welch). */
export function difference(a: Summary, b: Summary): { readonly mean: number | null; readonly standardError: number | null } {
  return {
    mean: a.mean === null || b.mean === null ? null : a.mean - b.mean,
    standardError: a.standardError === null || b.standardError === null ? null : Math.hypot(a.standardError, b.standardError),
  };
}
