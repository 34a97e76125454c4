/** Asks the reading thread, which is started when first needed and ended when nobody has asked for a while. */
import { Worker } from 'node:worker_threads';
import { workerUrl } from '#selfplay';
import { Refusal } from '../refusal.js';
import type { LibraryPlaces } from './library.js';
import type { Answered, Answers, Question } from './questions.js';

/** Questions that may wait. */
const MAX_WAITING = 64;
const MEMORY_MB = 1536;

interface Waiting { readonly code: 'unknown-run' | 'unknown-tournament'; readonly resolve: (answer: Answers[keyof Answers]) => void; readonly reject: (error: unknown) => void }

export class Reader {
  private readonly places: LibraryPlaces;
  private readonly waiting = new Map<number, Waiting>();
  private worker: Worker | undefined;
  private next = 1;

  constructor(places: LibraryPlaces) {
    this.places = places;
  }

  /** Throws Refusal: 'unknown-tournament', 'unknown-run', or 'limit' when too many wait. */
  ask<Q extends Question>(question: Q): Promise<Answers[Q['ask']]> {
    if (this.waiting.size >= MAX_WAITING) return Promise.reject(new Refusal('limit', 'too much is asked about tournaments just now; try again in a moment'));
    const number = this.next++;
    const code = question.ask === 'run' || question.ask === 'runs' ? 'unknown-run' : 'unknown-tournament';
    const worker = (this.worker ??= this.start());
    return new Promise((resolve, reject) => {
      this.waiting.set(number, { code, resolve: resolve as Waiting['resolve'], reject });
      worker.postMessage({ ...question, number }, []);
    });
  }

  /** Ends the thread, and with it what it remembers; the next question starts another. */
  async close(): Promise<void> {
    const { worker } = this;
    this.lose(worker, new Refusal('internal', 'the server is closing'));
    await worker?.terminate();
  }

  private start(): Worker {
    const worker = new Worker(workerUrl(import.meta.url, 'reader-worker'), { workerData: this.places, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB } });
    worker.unref();
    worker.on('message', (message: Answered) => {
      const asked = this.waiting.get(message.number);
      this.waiting.delete(message.number);
      if ('answer' in message) asked?.resolve(message.answer);
      else asked?.reject('refused' in message ? new Refusal(asked.code, message.refused) : new Error(message.failed));
    });
    worker.on('error', (error) => this.lose(worker, error));
    worker.on('exit', () => this.lose(worker, new Error('the thread that reads ledgers has ended')));
    return worker;
  }

  private lose(worker: Worker | undefined, error: unknown): void {
    if (worker === undefined || this.worker !== worker) return;
    this.worker = undefined;
    const asked = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of asked) reject(error);
  }
}
