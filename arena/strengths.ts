/**
 * Graded opponents: `strengths.json` beside a shipped model names a game's levels, weakest first, each an agent with the
 * rating that bench/strengths.ts measured. The server offers them as they stand there.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { UserError } from '#engine';
import type { AgentView } from '#arena/protocol';
import { type AgentSpec, parseAgentSpec } from './agents/spec.js';

export const STRENGTHS_FILE = 'strengths.json';

const rating = z.strictObject({
  /** On the game's scale: random play = 0. */
  elo: z.number(),
  /** 95 % half-width, by pairs of games. */
  error: z.number().min(0),
  /** Games of the level in the tournament. */
  games: z.int().min(1),
});

const level = z.strictObject({
  /** Part of the catalogue's id for it. */
  id: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'expected lower-case letters, digits and -'),
  name: z.string().min(1).max(40),
  /** For people: what to expect of it. */
  description: z.string().min(1).max(300),
  /** As on the command line, from the folder above `models`; its PATH, if it has one, stands for the folder of this file. */
  agent: z.string().min(1).max(200),
  rating: rating.nullable(),
});

const strengths = z.strictObject({
  format: z.literal(1),
  game: z.string().min(1),
  /** SHA-256 of the model.onnx that was measured: ratings are another network's once it differs. '' before. */
  model: z.string().max(64),
  /** How the ratings came about, in words; '' before. */
  measured: z.string().max(1000),
  /** Agents that played along: fixed points for whoever compares, random among them. */
  references: z.array(z.strictObject({ agent: z.string().min(1).max(200), rating: rating.nullable() })),
  levels: z.array(level).min(1).max(12),
});

export type Level = z.infer<typeof level>;
export type LevelRating = z.infer<typeof rating>;
export type Strengths = z.infer<typeof strengths>;

/**
 * The levels that lie beside a model; undefined where none do. Without ratings where the model is not the one that was
 * measured. Throws UserError('data') for a file that is no such list.
 */
export function readStrengths(folder: string): Strengths | undefined {
  const file = join(folder, STRENGTHS_FILE);
  if (!existsSync(file)) return undefined;
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError('data', `${file} is no JSON: ${(error as Error).message}`);
  }
  const parsed = strengths.safeParse(content);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    throw new UserError('data', `${file}: ${path.join('.')}: ${message}`);
  }
  const ids = parsed.data.levels.map(({ id }) => id);
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined) throw new UserError('data', `${file}: the level '${twice}' stands there twice`);
  for (const entry of parsed.data.levels) levelSpec(entry, folder);
  if (parsed.data.model === modelHash(folder)) return parsed.data;
  const unrated = <T>(entry: T) => ({ ...entry, rating: null });
  return { ...parsed.data, measured: '', levels: parsed.data.levels.map(unrated), references: parsed.data.references.map(unrated) };
}

/** SHA-256 of a folder's model.onnx, by its checkpoint.json; undefined where that does not say. */
export function modelHash(folder: string): string | undefined {
  try {
    const { files } = JSON.parse(readFileSync(join(folder, 'checkpoint.json'), 'utf8')) as { files?: Record<string, { sha256?: string }> };
    return files?.['model.onnx']?.sha256;
  } catch {
    return undefined;
  }
}

/** A level's agent with the model of this folder, wherever that lies by now. Throws UserError for a text that is no agent. */
export function levelSpec({ agent }: Pick<Level, 'agent'>, folder: string): AgentSpec {
  const spec = parseAgentSpec(agent, { trusted: true });
  return 'model' in spec ? { ...spec, model: { path: folder } } : spec;
}

/** A level as the page lists it, of fixed strength. `id`: of the catalogue. */
export function levelView(id: string, game: string, { name, description, rating: measured }: Level, { kind }: AgentSpec): AgentView {
  return {
    id, game, kind: kind === 'az' || kind === 'mz' || kind === 'human' ? 'network' : kind, group: 'graded', name, description,
    simulations: null, checkpoint: null, model: false, ...(measured === null ? {} : { rating: measured }),
  };
}
