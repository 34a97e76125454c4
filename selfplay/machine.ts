/** What made a run: this program's version, and the machine, in one line each. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from './worker-url.js';

export const programVersion = (): string => (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;

/** "2 cores of Intel(R) Xeon(R), 8 GB, linux x64, Node 20.20.0". */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'an unknown processor';
  const cores = availableParallelism();
  return `${cores} core${cores === 1 ? '' : 's'} of ${model}, ${Math.round(totalmem() / 1e9)} GB, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}
