/**
 * The language that names agents, on the command line, in files, on the server and in the page:
 *
 *   KIND                          random, solver, human
 *   KIND:option=value,flag,…      uct:sims=1000,c=1.4
 *   KIND:PATH,option=value,…      az:runs/connect4@step=2000,sims=200   (a PATH with a comma is put in "quotes")
 *
 * Text from a socket or a queue is parsed with `trusted: false`: a PATH is then only a key of the server's own catalogue,
 * never a path, and simulations, depth and time are capped.
 */
import { UserError, nearest, unknown } from '#engine';

export const agentKinds = ['random', 'uct', 'alphabeta', 'solver', 'az', 'mz', 'policy', 'human'] as const;
export type AgentKind = (typeof agentKinds)[number];

interface IntegerOption { readonly type: 'integer'; readonly min: number; readonly max: number; readonly default: number; readonly help: string }
interface NumberOption { readonly type: 'number'; readonly min: number; readonly max: number; readonly default: number; readonly help: string }
interface FlagOption { readonly type: 'flag'; readonly default: boolean; readonly help: string }
interface ChoiceOption<C extends string = string> { readonly type: 'choice'; readonly choices: readonly C[]; readonly default: C; readonly help: string }
export type AgentOption = IntegerOption | NumberOption | FlagOption | ChoiceOption;

const integer = (min: number, max: number, value: number, help: string): IntegerOption => ({ type: 'integer', min, max, default: value, help });
const number = (min: number, max: number, value: number, help: string): NumberOption => ({ type: 'number', min, max, default: value, help });
const flag = (help: string): FlagOption => ({ type: 'flag', default: false, help });
const choice = <const C extends string>(choices: readonly C[], value: NoInfer<C>, help: string): ChoiceOption<C> => ({ type: 'choice', choices, default: value, help });

const time = integer(0, 3_600_000, 0, 'milliseconds a move instead of a count; 0 = by count');

const options = {
  random: {},
  uct: {
    sims: integer(1, 100_000_000, 1000, 'simulations a move, one random playout each'),
    time,
    c: number(0, 100, 1.4, 'exploration constant of UCT, for results in [-1, 1]'),
  },
  alphabeta: {
    depth: integer(1, 64, 6, 'plies searched ahead'),
    time,
  },
  solver: {
    nodes: integer(0, 1_000_000_000_000, 20_000_000, 'positions looked at for one move; where that does not solve it, UCT moves (0 = no bound)'),
  },
  az: {
    sims: integer(1, 1_000_000, 200, 'simulations a move, one network evaluation each at most'),
    time,
    search: choice(['puct', 'gumbel'], 'puct', 'tree search: PUCT (AlphaZero) or Gumbel AlphaZero, both without noise'),
    leaves: integer(1, 64, 4, 'leaves in flight at once when one game is searched alone'),
    c: number(0, 100, 1.25, 'exploration constant of PUCT (c_init)'),
    symmetry: flag('evaluate each leaf through a symmetry drawn from its key'),
    temperature: number(0, 10, 0, '0 plays the best move, 1 samples by visits'),
  },
  mz: {
    sims: integer(0, 65_536, 50, 'latent simulations a move, one step of the learned model each'),
    search: choice(['puct', 'gumbel'], 'gumbel', 'tree search: PUCT (MuZero) or Gumbel MuZero, both without noise'),
    temperature: number(0, 10, 0, '0 plays the best move, 1 samples by visits'),
  },
  policy: {
    temperature: number(0, 10, 0, '0 plays the likeliest move, 1 samples from the policy'),
  },
  human: {},
} as const satisfies Record<AgentKind, Readonly<Record<string, AgentOption>>>;

const summaries: Record<AgentKind, string> = {
  random: 'uniformly random legal moves',
  uct: 'Monte-Carlo tree search with random playouts (UCT)',
  alphabeta: 'negamax with alpha-beta pruning and a transposition table',
  solver: 'perfect play, uniform among equally good moves (games with an exact solver); UCT where the position is too deep',
  az: 'tree search with a trained network; PATH = run, run@step=N, checkpoint or model folder',
  mz: 'search through the model that MuZero learned, knowing no rules; PATH as for az',
  policy: "a trained network's policy alone, no search; PATH as for az",
  human: 'a person, where one can sit: `ludus play` and the page',
};

const withPath: ReadonlySet<AgentKind> = new Set<AgentKind>(['az', 'mz', 'policy']);

type ValueOf<O> = O extends { type: 'integer' | 'number' } ? number : O extends { type: 'flag' } ? boolean : O extends ChoiceOption<infer C> ? C : never;
type OptionsOf<K extends AgentKind> = { readonly [name in keyof (typeof options)[K]]: ValueOf<(typeof options)[K][name]> };

/** Where a network is kept: a path as the operating system takes it and, of a run, the step (default: the latest). */
export interface ModelReference {
  readonly path: string;
  readonly step?: number;
  /** The catalogue's name for it: what is shown instead of the path. */
  readonly alias?: string;
}

/** A parsed agent: every option has a value. */
export type AgentSpec = {
  [K in AgentKind]: { readonly kind: K; readonly options: OptionsOf<K> } & (K extends 'az' | 'mz' | 'policy' ? { readonly model: ModelReference } : unknown);
}[AgentKind];

/** Highest values that an untrusted text may ask for; larger ones are lowered to these. */
export const defaultCaps: Readonly<Record<string, number>> = { sims: 20_000, depth: 12, time: 10_000, leaves: 16 };

export interface ParseOptions {
  /** true: from the command line or a local file, where paths are welcome. */
  readonly trusted: boolean;
  /** Names that stand for a PATH; the only ones that an untrusted text may use. */
  readonly catalogue?: ReadonlyMap<string, string>;
  readonly caps?: Readonly<Record<string, number>>;
}

const usage = (message: string): UserError => new UserError('usage', message);

/** Text as it may be shown: one line, not too long, nothing that a terminal would obey. */
function shown(text: string): string {
  const clean = text.replace(/\p{C}/gu, '?');
  return clean.length > 60 ? `${clean.slice(0, 57)}…` : clean;
}

/** Splits at commas outside quotes; undefined when a quote is left open. */
function split(text: string): string[] | undefined {
  const parts = [''];
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    if (character === ',' && !quoted) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return quoted ? undefined : parts;
}

function parseModel(kind: AgentKind, head: string, rules: ParseOptions): ModelReference {
  const name = head.startsWith('"') && head.endsWith('"') && head.length >= 2 ? head.slice(1, -1) : head;
  if (name === '') throw usage(`agent '${kind}' needs a model: ${kind}:PATH, where PATH is a run, a checkpoint or a model folder`);
  const listed = rules.catalogue?.get(name);
  if (listed === undefined && !rules.trusted) {
    const known = [...(rules.catalogue?.keys() ?? [])];
    const near = nearest(shown(name), known);
    throw usage(`no model '${shown(name)}' in the catalogue${near === undefined ? '' : `; did you mean '${near}'?`}`);
  }
  const path = listed ?? name;
  if (/[\p{Cc}"]/u.test(path)) throw usage(`the path '${shown(path)}' has characters that no agent's path may have`);
  const at = /^(.+)@step=(\d{1,15})$/.exec(path);
  if (at === null && path.includes('@step')) throw usage(`'${shown(path)}': a step is written PATH@step=2000`);
  return {
    path: at === null ? path : at[1],
    ...(at === null ? {} : { step: Number(at[2]) }),
    ...(listed === undefined ? {} : { alias: name }),
  };
}

function parseValue(kind: AgentKind, name: string, option: AgentOption, text: string | undefined): number | boolean | string {
  const where = `option '${name}' of agent '${kind}'`;
  switch (option.type) {
    case 'flag':
      if (text === undefined || text === 'true') return true;
      if (text === 'false') return false;
      throw usage(`${where} is on or off: write '${name}' or '${name}=false', not '${shown(text)}'`);
    case 'choice': {
      const found = option.choices.find((c) => c === text);
      if (found !== undefined) return found;
      if (text === undefined || text === '') throw usage(`${where} needs a value: ${option.choices.join(' or ')}`);
      throw unknown(`value for ${where}:`, shown(text), option.choices);
    }
    case 'integer':
    case 'number': {
      const what = `${option.type === 'integer' ? 'a whole number' : 'a number'} from ${option.min} to ${option.max}`;
      if (text === undefined || text === '') throw usage(`${where} needs a value: ${what}`);
      const form = option.type === 'integer' ? /^\d{1,15}$/ : /^\d{1,15}(\.\d{1,15})?(e-?\d{1,2})?$/;
      const value = form.test(text) ? Number(text) : Number.NaN;
      if (!(value >= option.min && value <= option.max)) throw usage(`${where} is ${what}, not '${shown(text)}'`);
      return value;
    }
    default:
      return option satisfies never;
  }
}

/** Reads an agent's string. Throws UserError('usage') with the nearest valid word for anything it does not know. */
export function parseAgentSpec(text: string, rules: ParseOptions = { trusted: true }): AgentSpec {
  if (!rules.trusted && text.length > 300) throw usage(`an agent's name has at most 300 characters, this one ${text.length}`);
  const trimmed = text.trim();
  const colon = trimmed.search(/[:,]/);
  const word = colon < 0 ? trimmed : trimmed.slice(0, colon);
  const kind = agentKinds.find((k) => k === word);
  if (kind === undefined) throw unknown('agent', shown(word), agentKinds);
  const parts = colon < 0 ? [] : split(trimmed.slice(colon + 1));
  if (parts === undefined) throw usage(`agent '${shown(trimmed)}' has an open quote`);
  const model = withPath.has(kind) ? parseModel(kind, trimmed[colon] === ',' ? '' : (parts.shift() ?? '').trim(), rules) : undefined;

  const known: ReadonlyMap<string, AgentOption> = new Map(Object.entries(options[kind]));
  const values = new Map<string, number | boolean | string>();
  for (const part of parts) {
    const equals = part.indexOf('=');
    const name = (equals < 0 ? part : part.slice(0, equals)).trim();
    if (name === '') throw usage(`agent '${shown(trimmed)}' has an empty option; options are written name=value, separated by commas`);
    const option = known.get(name);
    if (option === undefined) {
      if (known.size === 0) throw usage(`agent '${kind}' takes no options, not even '${shown(name)}'`);
      throw unknown(`option for agent '${kind}':`, shown(name), [...known.keys()]);
    }
    if (values.has(name)) throw usage(`option '${name}' of agent '${kind}' is given twice`);
    let value = parseValue(kind, name, option, equals < 0 ? undefined : part.slice(equals + 1).trim());
    const cap = rules.trusted ? undefined : { ...defaultCaps, ...rules.caps }[name];
    if (cap !== undefined && typeof value === 'number') value = Math.min(value, cap);
    values.set(name, value);
  }
  const complete: Record<string, number | boolean | string> = {};
  for (const [name, option] of known) complete[name] = values.get(name) ?? option.default;
  // The table above, which the values were checked against, is also what the type is derived from.
  return { kind, options: complete, ...(model === undefined ? {} : { model }) } as AgentSpec;
}

function printModel(model: ModelReference): string {
  const text = model.alias ?? (model.step === undefined ? model.path : `${model.path}@step=${model.step}`);
  return text.includes(',') ? `"${text}"` : text;
}

/** The canonical string: the strength always, everything else where it differs from the default. Parses back to the same spec. */
export function printAgentSpec(spec: AgentSpec): string {
  const parts = 'model' in spec ? [printModel(spec.model)] : [];
  const values: ReadonlyMap<string, number | boolean | string> = new Map(Object.entries(spec.options));
  for (const [name, option] of Object.entries<AgentOption>(options[spec.kind])) {
    const value = values.get(name) ?? option.default;
    const strength = (name === 'sims' || name === 'depth') && values.get('time') === 0;
    if (value === option.default && !strength) continue;
    parts.push(option.type === 'flag' ? name : `${name}=${value}`);
  }
  return parts.length === 0 ? spec.kind : `${spec.kind}:${parts.join(',')}`;
}

export interface AgentDescription {
  readonly kind: AgentKind;
  /** How it is written, e.g. "uct:sims=1000". */
  readonly usage: string;
  readonly summary: string;
  readonly options: readonly ({ readonly name: string } & AgentOption)[];
}

/** Every kind of agent with its options: for `ludus agents`, the help texts and the page. */
export function describeAgents(): AgentDescription[] {
  return agentKinds.map((kind) => {
    const list = Object.entries<AgentOption>(options[kind]).map(([name, option]) => ({ name, ...option }));
    const strength = list.find((option) => option.name === 'sims' || option.name === 'depth');
    const parts = [...(withPath.has(kind) ? ['PATH'] : []), ...(strength === undefined ? [] : [`${strength.name}=${strength.default}`])];
    return { kind, usage: parts.length === 0 ? kind : `${kind}:${parts.join(',')}`, summary: summaries[kind], options: list };
  });
}
