/** Settings by a schema: their description for people, `key=value` changes, and checks with suggestions. */
import { z } from 'zod';
import { UserError, nearest, unknown } from '#engine';

/** One setting for documentation and --help. */
export interface SettingDescription {
  /** As for --set: 'search.simulations'. */
  readonly key: string;
  readonly default: string;
  readonly meaning: string;
  /** '' where the value has none. */
  readonly unit: string;
}

interface Leaf {
  readonly key: string;
  readonly schema: z.ZodType;
}

/** All settings in the order of the schema; those of a choice between kinds are the settings of every kind. */
function leaves(schema: z.ZodObject, prefix = ''): Leaf[] {
  return Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([name, child]) => {
    const key = prefix + name;
    if (child instanceof z.ZodObject) return leaves(child, `${key}.`);
    if (child instanceof z.ZodDiscriminatedUnion) {
      const all = child.options.flatMap((option) => (option instanceof z.ZodObject ? leaves(option, `${key}.`) : []));
      return all.filter((leaf, i) => all.findIndex((other) => other.key === leaf.key) === i);
    }
    return [{ key, schema: child }];
  });
}

/** Every setting with its default in `config`, meaning and unit. */
export function describeSettings(schema: z.ZodObject, config: unknown): SettingDescription[] {
  return leaves(schema).map(({ key, schema: leaf }) => {
    const [, meaning, unit] = /^(.*?)(?: \[([^\]]*)\])?$/.exec(leaf.description ?? '') ?? ['', '', ''];
    return { key, default: show(valueAt(config, key)), meaning, unit: unit ?? '' };
  });
}

/** As --set takes it: lists by commas, schedules as STEP:VALUE points. */
function show(value: unknown): string {
  if (value === undefined) return '';
  if (!Array.isArray(value)) return String(value);
  return value.map((entry: unknown) => (Array.isArray(entry) ? entry.join(':') : String(entry))).join(',');
}

function valueAt(config: unknown, key: string): unknown {
  return key.split('.').reduce<unknown>((value, name) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined), config);
}

/** Text after `key=` as the value it most likely means; the schema then checks it. */
function parseValue(text: string, current: unknown): unknown {
  if (/^-?[\d.]+(?:e-?\d+)?:/.test(text)) return text.split(',').map((point) => point.split(':').map(Number));
  if (Array.isArray(current) && (text === '' || text === '[]')) return [];
  if (Array.isArray(current) && !current.some(Array.isArray)) {
    const numbers = current.length > 0 && current.every((entry) => typeof entry === 'number');
    return text.replace(/^\[|\]$/g, '').split(numbers ? ',' : /[;\s]+/).map((entry) => (numbers ? Number(entry) : entry));
  }
  if (text === 'true' || text === 'false') return text === 'true';
  if (text !== '' && typeof current !== 'string' && Number.isFinite(Number(text))) return Number(text);
  return text;
}

/** `key=value` texts as keys and texts. Throws UserError('usage') for other texts. */
export function parseOverrides(overrides: readonly string[], example: string): { key: string; text: string }[] {
  return overrides.map((override) => {
    const equals = override.indexOf('=');
    if (equals < 1) throw new UserError('usage', `'${override}' is not a setting: write key=value, such as ${example}`);
    return { key: override.slice(0, equals).trim(), text: override.slice(equals + 1).trim() };
  });
}

/** Writes a setting's text into `changed`, in place; unchecked but for its name. */
export function writeSetting(schema: z.ZodObject, changed: Record<string, unknown>, key: string, text: string): void {
  const keys = leaves(schema).map((leaf) => leaf.key);
  if (!keys.includes(key)) throw unknownSetting(key, keys);
  const path = key.split('.');
  const name = path.pop() as string;
  const section = path.reduce<Record<string, unknown>>((at, step) => at[step] as Record<string, unknown>, changed);
  section[name] = parseValue(text, section[name]);
}

/** Checks data that claims to be a config; `where` says whence it came. Throws UserError, 'usage' for settings, else 'data'. */
export function checkSettings<Schema extends z.ZodObject>(schema: Schema, data: unknown, where: string): z.infer<Schema> {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const issue = deepest(result.error.issues[0]);
  const key = issue.path.join('.');
  const keys = leaves(schema).map((leaf) => leaf.key);
  if (issue.code === 'unrecognized_keys') {
    const full = [...issue.path, issue.keys[0]].join('.');
    // The name is right, and another kind's: of networks, say.
    const kind = keys.includes(full) ? valueAt(data, [...issue.path, 'kind'].join('.')) : undefined;
    if (kind !== undefined) {
      const fits = describeSettings(schema, data).filter((setting) => setting.key.startsWith(`${issue.path.join('.')}.`) && setting.default !== '' && setting.key !== full).map((setting) => setting.key);
      throw new UserError(where === 'setting' ? 'usage' : 'data', `${where === 'setting' ? '' : `${where}: `}'${full}' is no setting of ${issue.path.join('.')}.kind=${String(kind)}; that has ${fits.join(', ')}`);
    }
    if (where === 'setting') throw unknownSetting(full, keys);
    const near = nearest(full, keys);
    throw new UserError('data', `${where}: unknown setting '${full}'${near === undefined ? '' : `; did you mean '${near}'?`}`);
  }
  const meaning = describeSettings(schema, data).find((setting) => setting.key === key)?.meaning ?? '';
  const value = show(valueAt(data, key));
  const problem = issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
  const line = `${key === '' ? 'the settings' : `${key}=${value}`}: ${problem.replaceAll('\n', ' ')}${meaning === '' ? '' : ` (${key}: ${meaning})`}`;
  throw new UserError(where === 'setting' ? 'usage' : 'data', where === 'setting' ? line : `${where}: ${line}`);
}

/** Of a union's alternatives that all failed, the complaint of the last, which is the one about structure. */
function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const custom = issue.errors.flat().find((inner) => inner.code === 'custom');
  return custom ?? { ...issue, message: 'expected a number or STEP:VALUE points such as 0:0.01,5000:0.001' };
}

function unknownSetting(key: string, keys: readonly string[]): UserError {
  const section = keys.filter((known) => known.startsWith(`${key.split('.')[0]}.`));
  // "simulations" alone, or in the wrong section, means a setting of that name.
  const name = key.split('.').at(-1) ?? key;
  const same = keys.filter((known) => known.split('.').at(-1) === name);
  if (nearest(key, keys) === undefined && same.length > 0) return new UserError('usage', `unknown setting '${key}'; did you mean '${same[0]}'?`);
  // A misspelt name alone: which setting's own name is near.
  const like = key.includes('.') || nearest(key, keys) !== undefined ? undefined : nearest(key, keys.map((known) => known.split('.').at(-1) ?? known));
  if (like !== undefined) return new UserError('usage', `unknown setting '${key}'; did you mean '${keys.find((known) => known.split('.').at(-1) === like)}'?`);
  return unknown('setting', key, section.length > 0 && nearest(key, section) !== undefined ? section : keys);
}
