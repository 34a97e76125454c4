/** A worker's messages, taken one after the other between two pieces of work, so that none interrupts another. */
import { parentPort } from 'node:worker_threads';

export interface Inbox<T> {
  /** The oldest message, or undefined at once when there is none. */
  take(): T | undefined;
  /** Resolves when there is a message. */
  wait(): Promise<void>;
}

export function openInbox<T>(): Inbox<T> {
  const queue: T[] = [];
  let wake: (() => void) | undefined;
  parentPort?.on('message', (message: T) => {
    queue.push(message);
    wake?.();
  });
  return {
    take: () => queue.shift(),
    wait: () => new Promise((resolve) => {
      if (queue.length > 0) resolve();
      else wake = resolve;
    }),
  };
}

/** Ends the thread once nothing else keeps it: it takes no more messages. */
export function closeInbox(): void {
  parentPort?.close();
}

/** Lets messages arrive. A network call blocks its thread, and its promise alone does not let the event loop turn. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
