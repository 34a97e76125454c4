/**
 * Agents that live in another process, named by strings of their own beside those of spec.ts. They come from the command
 * line or a local file only: text from a socket never gets here, since these start programs.
 *
 *   remote:NAME                        a program that joins over WebSocket under this name
 *   uci:NAME-OR-PATH,key=value,…       a chess engine: uci:stockfish,elo=1320,movetime=50
 *     nodes, depth, movetime (ms)      how long it thinks; movetime=100 unless given; a game's clock goes before all
 *     elo                              UCI_LimitStrength and UCI_Elo
 *     any other key                    an option of the engine's own: Hash=64, Skill Level=3
 */
import { UserError, nearest } from '#engine';

export interface UciLimits {
  readonly nodes?: number;
  readonly depth?: number;
  /** Milliseconds. */
  readonly movetime?: number;
}

export interface UciSpec {
  readonly kind: 'uci';
  /** A program's name, looked up on the PATH, or its path. */
  readonly engine: string;
  readonly limits: UciLimits;
  readonly elo?: number;
  /** The engine's own options, as given; the engine is asked whether it has them. */
  readonly set: readonly (readonly [name: string, value: string])[];
}

export interface RemoteSpec {
  readonly kind: 'remote';
  readonly name: string;
}

export type ExternalSpec = RemoteSpec | UciSpec;

const usage = (message: string): UserError => new UserError('usage', message);
const limitKeys = ['nodes', 'depth', 'movetime'] as const;

/** undefined when the text names no external agent. Throws UserError('usage') when it does, wrongly. */
export function parseExternalAgent(text: string): ExternalSpec | undefined {
  const trimmed = text.trim();
  if (trimmed.startsWith('remote:')) return parseRemote(trimmed);
  return trimmed === 'uci' || trimmed.startsWith('uci:') || trimmed.startsWith('uci,') ? parseUci(trimmed) : undefined;
}

function parseRemote(text: string): RemoteSpec {
  const name = text.slice('remote:'.length);
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(name)) throw usage(`'${text.slice(0, 60)}': a remote agent is remote:NAME, with up to 64 letters, digits, '.', '_' or '-'`);
  return { kind: 'remote', name };
}

function parseUci(text: string): UciSpec {
  const [engine = '', ...parts] = text.slice('uci:'.length).split(',').map((part) => part.trim());
  if (engine === '' || !text.startsWith('uci:')) throw usage("agent 'uci' needs an engine: uci:stockfish, or uci:/path/to/engine,nodes=10000");
  const limits: { nodes?: number; depth?: number; movetime?: number } = {};
  const set: [string, string][] = [];
  let elo: number | undefined;
  for (const part of parts) {
    const equals = part.indexOf('=');
    const key = part.slice(0, equals).trim();
    const value = part.slice(equals + 1).trim();
    if (equals < 1 || value === '') throw usage(`agent '${text.slice(0, 80)}': options are written key=value, separated by commas, not '${part.slice(0, 40)}'`);
    const limit = limitKeys.find((name) => name === key);
    if (limit !== undefined || key === 'elo') {
      if (!/^[1-9]\d{0,11}$/.test(value)) throw usage(`${key} of agent 'uci' is a whole number of at least 1, not '${value.slice(0, 40)}'`);
      if (limit !== undefined) limits[limit] = Number(value);
      else elo = Number(value);
      continue;
    }
    // Engines' options are many and their own; but a slip in one of ours would be sent there and only then be noticed.
    const near = nearest(key, [...limitKeys, 'elo']);
    if (near !== undefined && key === key.toLowerCase() && !/\s/.test(key)) throw usage(`unknown option '${key}' of agent 'uci'; did you mean '${near}'?`);
    set.push([key, value]);
  }
  return { kind: 'uci', engine, limits, ...(elo === undefined ? {} : { elo }), set };
}

/** The canonical string. */
export function printExternalAgent(spec: ExternalSpec): string {
  if (spec.kind === 'remote') return `remote:${spec.name}`;
  const entries = [...(spec.elo === undefined ? [] : [['elo', String(spec.elo)]]), ...limitKeys.flatMap((key) => (spec.limits[key] === undefined ? [] : [[key, String(spec.limits[key])]])), ...spec.set];
  return [`uci:${spec.engine}`, ...entries.map(([key, value]) => `${key}=${value}`)].join(',');
}

/** For `ludus agents` and other help, in the words of spec.ts. */
export const externalAgents = [
  {
    usage: 'uci:NAME-OR-PATH,elo=1320,movetime=50',
    summary: 'a chess engine, such as stockfish, as a process of its own; nodes, depth or movetime (ms, default 100), elo, and options of the engine\'s own by name (Hash=64)',
  },
  { usage: 'remote:NAME', summary: 'a program that joins over WebSocket, in tournaments (docs/remote-agents.md)' },
] as const;
