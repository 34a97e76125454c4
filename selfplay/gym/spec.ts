/** What `gym:ENV_ID,key=value,...` says. */
import { UserError, unknown } from '#engine';

export const GYM = 'gym:';

export interface GymSpec {
  /** As for gymnasium.make, e.g. 'CartPole-v1', 'ALE/Breakout-v5', 'my_module:Mine-v0'. */
  readonly id: string;
  /** Program that runs Python. */
  readonly python: string;
  /** Environments that share a process. */
  readonly envs: number;
  /** Longest wait for an answer [s]. */
  readonly timeout: number;
  /** How often an action is repeated; of images, the last two are merged by their brighter cells. */
  readonly skip: number;
  /** Observations shown at once, oldest first. */
  readonly stack: number;
  /** Images are turned grey. */
  readonly grey: boolean;
  /** Images are scaled to this many cells square; 0 leaves them. */
  readonly size: number;
  /** A lost life ends the episode for the learner. */
  readonly life: boolean;
  /** Rewards become -1, 0 or 1 by their sign. */
  readonly clip: boolean;
  /** For gymnasium.make: `kw.NAME=value`, read as JSON where it is. */
  readonly keywords: Readonly<Record<string, unknown>>;
}

const PLAIN = { python: 'python3', envs: 8, timeout: 60, skip: 1, stack: 1, grey: false, size: 0, life: false, clip: false } as const;
/** The usual view of Atari (Mnih et al. 2015; Machado et al. 2018); `life` and `clip` change what an episode and a return are, so they are left to be asked for. */
const ATARI = { ...PLAIN, skip: 4, stack: 4, grey: true, size: 84 } as const;

type Option = keyof typeof PLAIN;
const LIMITS: Readonly<Record<'envs' | 'timeout' | 'skip' | 'stack' | 'size', readonly [least: number, most: number]>> = { envs: [1, 256], timeout: [1, 86_400], skip: [1, 60], stack: [1, 16], size: [0, 512] };

export function isGymSpec(text: string): boolean {
  return text.startsWith(GYM);
}

/** Throws UserError('usage') that names the part which is wrong. */
export function parseGymSpec(text: string): GymSpec {
  const [id, ...parts] = text.slice(GYM.length).split(',').map((part) => part.trim());
  if (!isGymSpec(text) || id === '') throw new UserError('usage', `'${text}' names no environment; write gym:CartPole-v1, or gym:ALE/Breakout-v5,stack=4`);
  const options: Record<Option, string | number | boolean> = { ...(id.startsWith('ALE/') ? ATARI : PLAIN) };
  const keywords: Record<string, unknown> = {};
  for (const part of parts) {
    const at = part.indexOf('=');
    const [key, value] = at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
    if (at < 0 || value === '') throw new UserError('usage', `'${part}' in '${text}' should be key=value`);
    if (key.startsWith('kw.')) keywords[key.slice(3)] = json(value);
    else if (Object.hasOwn(PLAIN, key)) options[key as Option] = option(key as Option, value);
    else throw unknown('option of gym', key, [...Object.keys(PLAIN), 'kw.NAME']);
  }
  return { id, ...(options as unknown as Omit<GymSpec, 'id' | 'keywords'>), keywords };
}

/** The shortest text that means the same. */
export function makeGymSpec(spec: GymSpec): string {
  const defaults = spec.id.startsWith('ALE/') ? ATARI : PLAIN;
  const changed = (Object.keys(PLAIN) as Option[]).filter((key) => spec[key] !== defaults[key]).map((key) => `${key}=${typeof spec[key] === 'boolean' ? (spec[key] ? 'on' : 'off') : spec[key]}`);
  return [GYM + spec.id, ...changed, ...Object.entries(spec.keywords).map(([key, value]) => `kw.${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)].join(',');
}

function option(key: Option, value: string): string | number | boolean {
  switch (key) {
    case 'python': return value;
    case 'grey': case 'life': case 'clip': {
      if (value !== 'on' && value !== 'off') throw new UserError('usage', `${key} of gym is on or off, not '${value}'`);
      return value === 'on';
    }
    case 'envs': case 'timeout': case 'skip': case 'stack': case 'size': {
      const [least, most] = LIMITS[key];
      if (!/^\d{1,6}$/.test(value) || Number(value) < least || Number(value) > most) throw new UserError('usage', `${key} of gym is a whole number from ${least} to ${most}, not '${value}'`);
      return Number(value);
    }
    default: return key satisfies never;
  }
}

function json(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
