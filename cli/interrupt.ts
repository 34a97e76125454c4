/** Ctrl-C and SIGTERM: the first asks the work to end and save, a second one ends the process at once. */
import { UserError } from '#engine';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Calls `stop` at the first signal; returns a function that takes the handlers away. */
export function onInterrupt(stop: (signal: NodeJS.Signals) => void): () => void {
  let asked = false;
  const handler = (signal: NodeJS.Signals): void => {
    if (asked) process.exit(130);
    asked = true;
    stop(signal);
  };
  for (const signal of SIGNALS) process.on(signal, handler);
  return () => {
    for (const signal of SIGNALS) process.off(signal, handler);
  };
}

/** Runs work that an interruption aborts. Work that has nothing to show for itself ends with exit code 130. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const release = onInterrupt(() => controller.abort(new UserError('usage', 'interrupted')));
  try {
    return await work(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    process.stderr.write('\nludus: interrupted; nothing was saved.\n');
    process.exit(130);
  } finally {
    release();
  }
}
