/** What a tournament is, as a file or the command line says it. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { UserError, nearest } from '#engine';
import { parseClock } from '../clock.js';
import { ratingModels, sprtModels } from '../ratings/index.js';
import { linesByPath, syntaxFault } from './json-lines.js';

export const tournamentFormats = ['round-robin', 'gauntlet', 'checkpoints', 'sprt'] as const;
export type TournamentFormat = (typeof tournamentFormats)[number];

const name = z.string().min(1).max(200);
const clock = z.string().refine((text) => {
  try {
    parseClock(text);
    return true;
  } catch {
    return false;
  }
}, 'a clock is SECONDS+INCREMENT, such as "10+0.1"');
const moveMillis = z.int().min(1).max(3_600_000);
const moves = z.int().min(1).max(10_000);
const score = z.number().min(0).max(1);

const agent = z.strictObject({
  /** As on the command line: "uct:sims=1000". */
  agent: name,
  /** Shown in tables; the agent's own string unless given. */
  name: name.optional(),
  clock: clock.optional(),
  moveMillis: moveMillis.optional(),
});

const openings = z.strictObject({
  /** Random plies, exactly or from least to most. */
  plies: z.union([z.int().min(0).max(200), z.tuple([z.int().min(0).max(200), z.int().min(0).max(200)])]).optional(),
  /** A file with one position a line: Connect Four columns, FEN or EPD. */
  book: z.string().min(1).optional(),
});

const adjudication = z.strictObject({
  /** A draw once both players held |value| <= score for `moves` moves in a row, from the game's move `after` on. */
  draw: z.strictObject({ score: score.default(0.05), moves: moves.default(4), after: z.int().min(0).default(20) }).optional(),
  /** Lost once both players held it so, by a value of at least `score`, for `moves` moves in a row. */
  resign: z.strictObject({ score: score.default(0.95), moves: moves.default(3) }).optional(),
  maxPlies: z.int().min(1).optional(),
  /** The exact result, once this many plies have been played. */
  solver: z.strictObject({ after: z.int().min(1) }).optional(),
});

const sprt = z.strictObject({
  elo0: z.number(),
  elo1: z.number(),
  alpha: z.number().gt(0).lt(0.5).default(0.05),
  beta: z.number().gt(0).lt(0.5).default(0.05),
  model: z.enum(sprtModels).default('normalized'),
});

export const tournamentSchema = z.strictObject({
  /** Id of a game, or the path of its module. */
  game: name,
  name: z.string().max(200).optional(),
  format: z.enum(tournamentFormats).default('round-robin'),
  agents: z.array(z.union([name, agent])).max(1000).default([]),
  /** Pairs for each couple that meets; an SPRT plays at most this many. */
  pairs: z.int().min(1).max(10_000_000).default(20),
  seed: z.int().min(0).default(1),
  openings: openings.default({}),
  /** Fischer's clock for everybody, "10+0.1" in seconds; or milliseconds a move; or, without both, the agents' own counts. */
  clock: clock.optional(),
  moveMillis: moveMillis.optional(),
  /** Milliseconds by which a clock may be overstepped. */
  timeMargin: z.int().min(0).max(60_000).default(50),
  /** Seconds after which a player that gives no move has stalled. */
  patience: z.number().min(0.01).max(86_400).default(60),
  adjudication: adjudication.default({}),
  /** gauntlet: the first so many agents meet all others, and not each other. */
  challengers: z.int().min(1).default(1),
  /** checkpoints: the newest of this run against the `last` before it and the agents. */
  run: z.string().min(1).optional(),
  last: z.int().min(1).max(1000).default(3),
  sims: z.int().min(1).max(1_000_000).default(100),
  sprt: sprt.optional(),
  ratings: z.strictObject({
    model: z.enum(ratingModels).default('bt'),
    /** Elo of players by name, held fixed; the game's measured anchors unless given. */
    anchors: z.record(z.string(), z.number()).optional(),
    /** Draws added to every couple that met, so that the unbeaten get a rating. */
    virtualDraws: z.number().min(0).max(100).default(0),
  }).default({ model: 'bt', virtualDraws: 0 }),
  /** Worker threads; one for each core unless given. */
  threads: z.int().min(1).max(256).optional(),
  device: z.enum(['auto', 'cpu', 'webgpu', 'cuda']).default('cpu'),
});

export type TournamentConfig = z.infer<typeof tournamentSchema>;
export type TournamentInput = z.input<typeof tournamentSchema>;

/** Keys that a strict object may have at a path of the schema. */
function keysAt(path: readonly PropertyKey[]): string[] {
  let at: unknown = tournamentSchema;
  for (const part of path) {
    at = unwrap(at);
    if (at instanceof z.ZodObject) at = (at.shape as Record<string, unknown>)[String(part)];
    else if (at instanceof z.ZodArray) at = at.element;
  }
  at = unwrap(at);
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function unwrap(schema: unknown): unknown {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) return unwrap(schema.unwrap());
  if (schema instanceof z.ZodUnion) return unwrap(schema.options.find((option) => option instanceof z.ZodObject));
  return schema;
}

interface Complaint { readonly path: readonly PropertyKey[]; readonly message: string }

function complaint(issue: z.core.$ZodIssue, value: unknown): Complaint {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(path);
    const near = nearest(issue.keys[0], known);
    const hint = near === undefined ? `known are ${known.join(', ')}` : `did you mean '${near}'?`;
    return { path: [...path, issue.keys[0]], message: `unknown key '${issue.keys[0]}'; ${hint}` };
  }
  if (issue.code === 'invalid_union') {
    // Of an agent's two forms, the object's complaint is the one that helps.
    const inner = issue.errors.flat().find((one) => one.path.length > 0 || one.code === 'unrecognized_keys');
    if (inner !== undefined) return complaint({ ...inner, path: [...path, ...inner.path] }, value);
    return { path, message: path[0] === 'agents' ? 'an agent is a text such as "uct:sims=1000", or {"agent": …, "name": …}' : 'expected a number of plies, or [least, most]' };
  }
  if (issue.code === 'invalid_value') {
    const given = path.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined), value);
    const known = issue.values.map(String);
    const near = typeof given === 'string' ? nearest(given, known) : undefined;
    return { path, message: `${JSON.stringify(given) ?? 'nothing'} is not one of ${known.join(', ')}${near === undefined ? '' : `; did you mean '${near}'?`}` };
  }
  return { path, message: issue.message.charAt(0).toLowerCase() + issue.message.slice(1) };
}

/** Checks what claims to be a tournament. Throws UserError('usage') naming `where`, the key and, with the text given, its line. */
export function checkTournament(value: unknown, where: string, text?: string): TournamentConfig {
  const parsed = tournamentSchema.safeParse(value);
  const fail = ({ path, message }: Complaint): UserError => {
    const lines = text === undefined ? undefined : linesByPath(text);
    let line: number | undefined;
    for (let length = path.length; line === undefined && length >= 0; length--) line = lines?.get(path.slice(0, length).join('.'));
    const key = path.join('.');
    const named = key === '' || message.startsWith('unknown key') ? message : `${key}: ${message}`;
    return new UserError('usage', `${where}${line === undefined ? '' : `, line ${line}`}: ${named}`);
  };
  if (!parsed.success) throw fail(complaint(parsed.error.issues[0], value));
  const config = parsed.data;
  const { format, agents } = config;
  const least = format === 'checkpoints' ? 0 : format === 'sprt' ? 2 : 2;
  if (format === 'checkpoints' && config.run === undefined) throw fail({ path: ['run'], message: 'the format "checkpoints" needs a run, such as "runs/connect4"' });
  if (format !== 'checkpoints' && config.run !== undefined) throw fail({ path: ['run'], message: `a run is for the format "checkpoints"; this one is "${format}"` });
  if (agents.length < least) throw fail({ path: ['agents'], message: `a tournament needs at least ${least} agents; ${agents.length === 0 ? 'none is' : 'one is'} given` });
  if (format === 'sprt' && agents.length !== 2) throw fail({ path: ['agents'], message: `an SPRT compares two agents, not ${agents.length}` });
  if (format === 'sprt' && config.sprt === undefined) throw fail({ path: ['sprt'], message: 'an SPRT needs its hypotheses: "sprt": {"elo0": 0, "elo1": 10}' });
  if (format !== 'sprt' && config.sprt !== undefined) throw fail({ path: ['sprt'], message: `hypotheses are for the format "sprt"; this one is "${format}"` });
  if (config.sprt !== undefined && config.sprt.elo0 >= config.sprt.elo1) throw fail({ path: ['sprt', 'elo1'], message: `elo1 is to be above elo0 (${config.sprt.elo0}), not ${config.sprt.elo1}` });
  if (format === 'gauntlet' && config.challengers >= agents.length) throw fail({ path: ['challengers'], message: `${config.challengers} challengers of ${agents.length} agents leave nobody to meet` });
  const { plies, book } = config.openings;
  if (plies !== undefined && book !== undefined) throw fail({ path: ['openings'], message: 'openings come from a book or by random plies, not both' });
  if (Array.isArray(plies) && plies[0] > plies[1]) throw fail({ path: ['openings', 'plies'], message: `the least (${plies[0]}) is above the most (${plies[1]})` });
  if (config.clock !== undefined && config.moveMillis !== undefined) throw fail({ path: ['moveMillis'], message: 'a clock, or a time for each move, not both' });
  return config;
}

/** Reads a tournament's file; `book` and `run` are found from the file's folder. Throws UserError with line, key and the nearest right word. */
export function readTournament(file: string): TournamentConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch {
    throw new UserError('usage', `cannot read the tournament file ${file}; \`ludus tournament --help\` shows what is in one`);
  }
  const fault = syntaxFault(text);
  if (fault !== undefined) throw new UserError('usage', `${file}, line ${fault.line}: not valid JSON: ${fault.message}`);
  const config = checkTournament(JSON.parse(text), file, text);
  const near = (path: string): string => resolve(dirname(file), path);
  return {
    ...config,
    ...(config.run === undefined ? {} : { run: near(config.run) }),
    openings: config.openings.book === undefined ? config.openings : { ...config.openings, book: near(config.openings.book) },
  };
}
