/** Lock files: one process at a time writes a run, or a ledger. */
import { existsSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { UserError } from '#engine';
import { diskError } from './files.js';

/** Files that this process holds: a process of the same id that died (common in containers) does not. */
const held = new Set<string>();

/**
 * Takes a lock file and returns what gives it back. One whose process is dead is taken over. Throws
 * UserError('environment') with the words of `busy` when a living process has it.
 */
export function lockFile(file: string, busy: (holder: string) => string): () => void {
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), started: startTime(process.pid) });
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(file, mine, { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw diskError(error, file);
      const holder = holderOf(file);
      if (held.has(file) || attempt > 0 || holder !== undefined) {
        throw new UserError('environment', busy(holder ?? 'this process'));
      }
      unlinkSync(file);
    }
  }
  held.add(file);
  return () => {
    if (held.delete(file) && existsSync(file)) unlinkSync(file);
  };
}

/** The living process that holds the lock, in words; undefined when it is dead or the lock is unreadable. */
function holderOf(file: string): string | undefined {
  let holder: { pid?: unknown; host?: unknown; started?: unknown };
  try {
    holder = JSON.parse(readFileSync(file, 'utf8')) as typeof holder;
  } catch {
    return undefined;
  }
  const { pid, host, started } = holder;
  if (typeof pid !== 'number') return undefined;
  if (host !== hostname()) return `process ${pid} on ${String(host)}`;
  if (pid === process.pid) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
  }
  // The number may have been given to another process since.
  return started === startTime(pid) ? `process ${pid}` : undefined;
}

/** When a process began, in the kernel's ticks; 0 where the system does not tell. */
function startTime(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return 0;
  }
}
