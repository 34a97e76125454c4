/** What a page without a server is told: `ludus export web` writes it beside the page, as ludus.json. */
import * as z from 'zod';
import { name } from './common.js';
import { agentView, gameView } from './server.js';

/** File name, beside index.html. */
export const OFFLINE_FILE = 'ludus.json';
/** Name of the `meta` element that tells the page to look for it. */
export const OFFLINE_META = 'ludus-offline';

export const offlineManifest = z.strictObject({
  format: z.literal(1),
  /** Of the program that wrote it. */
  version: name,
  games: z.array(gameView).min(1),
  /** Agents with a network, and graded ones; others that need no network are in the page itself. */
  agents: z.array(z.strictObject({
    view: agentView,
    /** Agent string, its PATH the address below: without its strength where `view.simulations` leaves that to the visitor ('az:models/x.onnx,search=gumbel'). */
    spec: z.string().max(256),
    /** What its output `policy` holds: logits, or action values, which are followed to the best. */
    answers: z.enum(['policy', 'q']),
    /** Address of its model.onnx, relative to the page; left out by graded agents without a network. */
    model: z.string().regex(/^models\/[A-Za-z0-9._-]+\.onnx$/, 'expected models/NAME.onnx').optional(),
  })),
});

export type OfflineManifest = z.infer<typeof offlineManifest>;

/** The manifest, or one line on what is wrong with it. */
export function parseOfflineManifest(value: unknown): OfflineManifest | string {
  const parsed = offlineManifest.safeParse(value);
  return parsed.success ? parsed.data : `${parsed.error.issues[0].path.join('.')}: ${parsed.error.issues[0].message}`;
}

/** What a network's output `policy` holds, by the algorithm that a checkpoint names. */
export function answersOf(algorithm: unknown): 'policy' | 'q' {
  return algorithm === 'dqn' || algorithm === 'rainbow' ? 'q' : 'policy';
}
