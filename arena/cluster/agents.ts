/**
 * Agents on their way to other machines. A string from a queue is as little trusted as one from a socket: it names no path
 * and no program, and a network is a key for the blob that came with it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Game, UserError } from '#engine';
import { readModel } from '#selfplay/checkpoint';
import { type BlobPlace, type WorkerHost, fetchBlob } from '#selfplay/cluster';
import { type AgentSpec, parseAgentSpec, printAgentSpec } from '../agents/spec.js';
import { resolveModel } from '../agents/model.js';
import type { Plan } from '../tournament/plan.js';
import type { PairsDetails } from './messages.js';

type Travelling = PairsDetails['agents'][number];

/** What a worker does at most for a string from a queue. */
const caps = { sims: 1_000_000, depth: 64, time: 3_600_000, leaves: 64 };

/** Throws UserError('usage') for agents that cannot be played elsewhere. */
export function checkAgents(plan: Plan): void {
  for (const spec of plan.specs) {
    if (spec.kind === 'uci') throw new UserError('usage', "agents 'uci:…' run a program of this machine, which no worker does because a message says so: leave out --redis");
    if (spec.kind === 'remote') throw new UserError('usage', `remote:${spec.name} joins this machine: leave out --redis`);
    if (!('options' in spec) || spec.kind === 'mz' || spec.kind === 'human') throw new UserError('usage', `agents of the kind '${spec.kind}' play on this machine only: leave out --redis`);
    const bare = 'model' in spec ? { ...spec, model: { path: 'm0', alias: 'm0' } } : spec;
    const asked = printAgentSpec(bare);
    if (printAgentSpec(parseAgentSpec(asked, { trusted: false, catalogue: new Map([['m0', 'm0']]), caps })) !== asked) {
      throw new UserError('usage', `'${printAgentSpec(spec)}' asks for more than a worker does for others: at most ${Object.entries(caps).map(([name, most]) => `${name}=${most}`).join(', ')}`);
    }
  }
}

/** The plan's agents, their networks put where workers find them; `put` are the blobs' names. */
export async function packAgents(plan: Plan, place: BlobPlace): Promise<{ agents: Travelling[]; put: string[] }> {
  const put: string[] = [];
  const agents: Travelling[] = [];
  for (const [i, spec] of plan.specs.entries()) {
    const { time } = plan.identity.players[i];
    const shared = time === undefined ? {} : { time };
    if (!('options' in spec)) throw new UserError('usage', `'${plan.identity.players[i].agent}' plays on this machine only`);
    if (!('model' in spec)) {
      agents.push({ agent: printAgentSpec(spec), ...shared });
      continue;
    }
    const { path } = resolveModel(spec.model, plan.game);
    const { manifest, model } = readModel(path);
    const blob = await place.put(model);
    put.push(blob.sha256);
    const key = `m${i}`;
    agents.push({ agent: printAgentSpec({ ...spec, model: { path: key, alias: key } }), model: { key, manifest, blob }, ...shared });
  }
  return { agents, put };
}

/** The specs that a worker plays: networks are fetched, checked, and laid into its own folder. */
export async function unpackAgents(agents: readonly Travelling[], game: Game, host: WorkerHost): Promise<AgentSpec[]> {
  const specs: AgentSpec[] = [];
  for (const { agent, model } of agents) {
    const catalogue = new Map<string, string>();
    if (model !== undefined) catalogue.set(model.key, await layOut(model, game, host));
    specs.push(parseAgentSpec(agent, { trusted: false, catalogue, caps }));
  }
  return specs;
}

async function layOut({ manifest, blob }: NonNullable<Travelling['model']>, game: Game, host: WorkerHost): Promise<string> {
  const model = await fetchBlob(blob, { redis: host.redis, keys: host.keys, folder: host.blobFolder });
  if (model === undefined) throw new UserError('environment', `the network ${blob.sha256.slice(0, 12)} of a tournament is not there any more`);
  const folder = join(host.scratch(), blob.sha256);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), model);
  writeFileSync(join(folder, 'checkpoint.json'), JSON.stringify(manifest));
  // As for any other checkpoint: shape, game and version, sizes and hash.
  resolveModel({ path: folder }, game);
  readModel(folder);
  return folder;
}
