/** Folders for what lives as long as a worker: a network that came as a blob, for instance. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '#engine';
import { lockFile } from '../lock.js';

const PREFIX = 'ludus-worker-';

/** A new folder, and what takes it away. */
export function openScratch(parent: string = tmpdir()): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(parent, PREFIX));
  const release = lockFile(join(folder, 'lock'), (holder) => `${folder} is in use by ${holder}`);
  return {
    folder,
    remove() {
      release();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Removes the folders of workers that were killed. Those of living processes, of other hosts and of other people stay. */
export function clearScratch(parent: string = tmpdir()): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(parent, name);
    try {
      // One without a lock is being made, or is not ours.
      if (!readdirSync(folder).includes('lock')) continue;
      lockFile(join(folder, 'lock'), (holder) => `in use by ${holder}`)();
      rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (!(error instanceof UserError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }
}
