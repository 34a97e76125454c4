/**
 * What a remote agent and its host say to each other; docs/remote-agents.md tells it to people. Text frames carry JSON,
 * binary frames MessagePack; the host answers in the encoding of the hello.
 */
import { timingSafeEqual, createHash } from 'node:crypto';
import { Packr } from 'msgpackr';
import * as z from 'zod';
import { decode } from '#arena/protocol';

export const REMOTE_PROTOCOL = 1;
export const REMOTE_PATH = '/agent';
/** Longest message that the host takes, in bytes. */
export const MAX_REMOTE_BYTES = 16 * 1024;

export const CLOSE_REMOTE = { refused: 4001, badMessage: 4002, replaced: 4003, stalled: 4004, finished: 1000, goingAway: 1001 } as const;

const id = z.int().min(0);
const hello = z.strictObject({
  type: z.literal('hello'),
  protocol: z.int(),
  name: z.string().min(1).max(64),
  token: z.string().min(1).max(256),
  /** Questions that it answers at once; default 1. */
  parallel: z.int().min(1).max(256).default(1),
});
const move = z.strictObject({
  type: z.literal('move'),
  /** Of the question. */
  id,
  /** Row of the game's action table, or the move's name in the game's notation. */
  action: z.int().optional(),
  move: z.string().max(64).optional(),
  /** In [-1, 1], view of the seat to move. */
  value: z.number().min(-1).max(1).optional(),
  simulations: z.int().min(0).optional(),
  depth: z.int().min(0).optional(),
}).refine((message) => (message.action === undefined) !== (message.move === undefined), 'a move has either an action or a name');
const error = z.strictObject({ type: z.literal('error'), id, message: z.string().max(1000) });
const fromAgent = z.discriminatedUnion('type', [hello, move, error]);
export type FromAgent = z.infer<typeof fromAgent>;

export type ToAgent =
  | { readonly type: 'welcome'; readonly protocol: number; readonly game: { readonly id: string; readonly name: string; readonly version: number; readonly actions: number } }
  | {
      readonly type: 'ask';
      readonly id: number;
      /** The game's text for the starting position; left out for the usual one. */
      readonly setup?: string;
      /** Played since then, oldest first: rows of the action table, and their names. */
      readonly actions: readonly number[];
      readonly moves: readonly string[];
      /** Every legal action with its name, so that an agent need not know the rules. */
      readonly legal: readonly { readonly action: number; readonly move: string }[];
      readonly seat: 0 | 1;
      /** The board as a person would draw it. */
      readonly board?: string;
      /** Milliseconds on the clocks, and what is added to the own one after the move. */
      readonly clock?: { readonly own: number; readonly opponent: number; readonly increment: number };
      /** Milliseconds for this move, where each move has a time. */
      readonly millis?: number;
      /** Milliseconds after which the game is lost in any case. */
      readonly timeout: number;
      /** Different for every move of every game, the same in a replay: for agents that want to repeat themselves. */
      readonly seed: string;
    }
  /** The question is void: its answer is not waited for. */
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'bye'; readonly reason: string };

export type Encoding = 'json' | 'msgpack';

const packr = new Packr({ useRecords: false, variableMapSize: true });

export function encodeToAgent(message: ToAgent, encoding: Encoding): string | Uint8Array {
  // Through JSON, so that undefined entries are left out of both.
  const text = JSON.stringify(message);
  return encoding === 'json' ? text : new Uint8Array(packr.pack(JSON.parse(text)));
}

/** A frame's message, or one line on what is wrong with it. */
export function decodeFromAgent(data: Uint8Array, binary: boolean): FromAgent | string {
  let value: unknown;
  try {
    value = binary ? decode(data) : JSON.parse(Buffer.from(data).toString('utf8'));
  } catch {
    return binary ? 'the message is not MessagePack' : 'the message is not JSON';
  }
  const parsed = fromAgent.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  return `${issue.path.length === 0 ? 'the message' : issue.path.join('.')}: ${issue.message}`.slice(0, 200);
}

/** In a time that does not depend on where they differ, nor on their lengths. */
export function sameToken(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
