/** The options that `ludus uci` offers. */
import { UserError, nearest } from '#engine';

export interface UciSettings {
  /** Any agent's string. */
  agent: string;
  /** Threads of one network evaluation. */
  threads: number;
  /** MiB of the search tree. */
  hash: number;
  multipv: number;
  /** Simulations a move at most; 0: as `go` says. */
  simulations: number;
  /** Milliseconds of each move that are lost on the way to the other program. */
  overhead: number;
  showOutcomes: boolean;
}

type Option =
  | { readonly name: string; readonly type: 'spin'; readonly key: 'threads' | 'hash' | 'multipv' | 'simulations' | 'overhead'; readonly min: number; readonly max: number }
  | { readonly name: string; readonly type: 'check'; readonly key: 'showOutcomes' }
  | { readonly name: string; readonly type: 'string'; readonly key: 'agent' };

const options: readonly Option[] = [
  { name: 'Agent', type: 'string', key: 'agent' },
  { name: 'Threads', type: 'spin', key: 'threads', min: 1, max: 256 },
  { name: 'Hash', type: 'spin', key: 'hash', min: 1, max: 65_536 },
  { name: 'MultiPV', type: 'spin', key: 'multipv', min: 1, max: 64 },
  { name: 'Simulations', type: 'spin', key: 'simulations', min: 0, max: 100_000_000 },
  { name: 'Move Overhead', type: 'spin', key: 'overhead', min: 0, max: 5000 },
  { name: 'UCI_ShowWDL', type: 'check', key: 'showOutcomes' },
];

/** `option …` lines with the present values as defaults. */
export function describeOptions(settings: UciSettings): string[] {
  return options.map((option) => `option name ${option.name} type ${option.type} default ${String(settings[option.key])}${option.type === 'spin' ? ` min ${option.min} max ${option.max}` : ''}`);
}

/** Changes a setting. Throws UserError('usage') for an option that there is not, or a value that it cannot have. */
export function setOption(settings: UciSettings, name: string, value: string | undefined): Option['key'] {
  const option = options.find((o) => o.name.toLowerCase() === name.toLowerCase());
  if (option === undefined) {
    const near = nearest(name, options.map((o) => o.name));
    throw new UserError('usage', `no option '${name.slice(0, 60)}'${near === undefined ? '' : `; did you mean '${near}'?`}`);
  }
  const text = value?.trim() ?? '';
  switch (option.type) {
    case 'spin':
      if (!/^\d{1,12}$/.test(text) || Number(text) < option.min || Number(text) > option.max) throw new UserError('usage', `${option.name} is a whole number from ${option.min} to ${option.max}, not '${text.slice(0, 40)}'`);
      settings[option.key] = Number(text);
      break;
    case 'check':
      if (text !== 'true' && text !== 'false') throw new UserError('usage', `${option.name} is true or false, not '${text.slice(0, 40)}'`);
      settings[option.key] = text === 'true';
      break;
    case 'string':
      if (text === '') throw new UserError('usage', `${option.name} needs a value`);
      settings[option.key] = text;
      break;
    default:
      option satisfies never;
  }
  return option.key;
}
