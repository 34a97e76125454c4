/** A server in a process of its own, for tests that kill it and benchmarks that measure it: `node served.js '{"dataDir": …}'`. */
import { createServer, type Limits } from '../index.js';
import { FirstMove } from './client.js';

export interface ServedOptions {
  readonly dataDir: string;
  /** 0, or left out: any free one. */
  readonly port?: number;
  readonly limits?: Partial<Limits>;
}

/** What the process is asked, and what it answers, in messages. */
export type ServedAnswer = { readonly url: string } | { readonly heap: number; readonly resident: number };

const options = JSON.parse(process.argv[2] ?? '{}') as ServedOptions;
const answer = (message: ServedAnswer) => process.send?.(message);

process.on('message', () => {
  // Started with --expose-gc: what is left after it is really held.
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  answer({ heap: heapUsed + external, resident: rss });
});
const { dataDir, port = 0, limits } = options;
const server = await createServer({ port, dataDir, workDir: dataDir, modelsDir: dataDir, webRoot: dataDir, agents: new FirstMove(), limits });
// Whoever started it is gone, killed perhaps: nobody is left to end it.
process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => void server.close().then(() => process.exit(0)));
answer({ url: server.url });
