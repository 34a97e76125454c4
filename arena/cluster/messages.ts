/** What a tournament's coordinator and its workers write to each other. */
import { z } from 'zod';
import { blobSchema, buildOf } from '#selfplay/cluster';
import { type GameRecord, gameEnds } from '../referee.js';

/** Pairs as a kind of work. */
export const PAIRS = 'pairs';

const index = z.number().int().min(0).max(100_000_000);
const action = z.number().int().min(0).max(65535);
const moves = z.array(action).max(20_000);
const score = z.number().min(0).max(1);
const text = z.string().max(500);

const positionSchema = z.strictObject({ setup: z.string().max(1000).optional(), seed: z.number().int().min(0).optional(), moves });

/** An agent by its string; a network's PATH is the key of the blob that travels with it. */
const agentSchema = z.strictObject({
  agent: z.string().min(1).max(300),
  model: z.strictObject({ key: z.string().regex(/^m\d{1,4}$/), manifest: z.record(z.string(), z.unknown()), blob: blobSchema }).optional(),
  time: z.strictObject({ clock: z.strictObject({ base: z.number().min(0), increment: z.number().min(0) }).optional(), moveMillis: z.number().min(1).optional() }).optional(),
});

/** What a worker must know to play a tournament's pairs. */
export const pairsDetailsSchema = z.strictObject({
  agents: z.array(agentSchema).min(2).max(1000),
  seed: z.number().int().min(0),
  patience: z.number().min(0.01).max(86_400), timed: z.boolean(), timeMargin: z.number().min(0).max(60_000),
  adjudication: z.strictObject({
    draw: z.strictObject({ score, moves: index, after: index }).optional(),
    resign: z.strictObject({ score, moves: index }).optional(),
    maxPlies: index.optional(),
    solver: z.strictObject({ after: index }).optional(),
  }),
});
export type PairsDetails = z.infer<typeof pairsDetailsSchema>;

/** "Play these pairs of that couple." */
export const pairsJobSchema = z.strictObject({
  couple: z.tuple([index, index]),
  pairs: z.array(z.strictObject({ pair: index, opening: positionSchema })).min(1).max(256),
});
export type PairsJob = z.infer<typeof pairsJobSchema>;

const column = z.array(z.number().nullable()).max(20_000).optional();

const recordSchema = z.strictObject({
  pair: index, leg: z.union([z.literal(0), z.literal(1)]), opening: positionSchema, moves, score: z.union([z.literal(0), z.literal(0.5), z.literal(1)]), end: z.enum(gameEnds),
  fault: z.strictObject({ by: z.enum(['a', 'b']), message: text }).optional(), reason: text.optional(),
  notes: z.strictObject({ values: column, simulations: column, depths: column, millis: column }).optional(),
});

/** One frame of a message: both games of a pair, or why there are none. */
export const pairResultSchema = z.union([
  z.strictObject({ pair: index, games: z.tuple([recordSchema, recordSchema]) }),
  z.strictObject({ pair: index, void: text }),
]);
export type PairResult = z.infer<typeof pairResultSchema>;

/** A record as it travels: long words are cut rather than refused on arrival. */
export function travelling(record: GameRecord): GameRecord {
  const { fault, reason } = record;
  return {
    ...record,
    ...(fault === undefined ? {} : { fault: { by: fault.by, message: fault.message.slice(0, 500) } }),
    ...(reason === undefined ? {} : { reason: reason.slice(0, 500) }),
  };
}

export const pairsBuild = (version: string): string => buildOf(version, pairsDetailsSchema, pairsJobSchema, z.array(pairResultSchema));
