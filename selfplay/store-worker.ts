/**
 * The replay store's own thread. A commit waits for the disk to finish the one before, some 50 ms on a slow disk, which
 * neither the thread that serves people nor the learner should. All games that came in meanwhile share the next commit.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { breathe, closeInbox, openInbox } from './inbox.js';
import { failure, type FromStore, type StoreSetup, type ToStore } from './messages.js';
import { ReplayStore, type StoredEpisode } from './store.js';

/** Stored games that go into one message when a run goes on. */
const CHUNK = 500;

const setup = workerData as StoreSetup;
const inbox = openInbox<ToStore>();

function post(message: FromStore): void {
  parentPort?.postMessage(message, []);
}

async function main(): Promise<void> {
  const store = new ReplayStore(setup.path, setup);
  post({ type: 'opened', totals: store.totals });
  for (;;) {
    await inbox.wait();
    const episodes: StoredEpisode[] = [];
    const revised: StoredEpisode[] = [];
    let closing = false;
    for (let message = inbox.take(); message !== undefined; message = inbox.take()) {
      if (message.type === 'append') episodes.push(...message.episodes);
      else if (message.type === 'revise') revised.push(...message.episodes);
      else if (message.type === 'close') closing = true;
      else {
        const chunk: Uint8Array[] = [];
        for (const bytes of store.latest(message.positions)) {
          chunk.push(bytes);
          if (chunk.length === CHUNK) post({ type: 'latest', episodes: chunk.splice(0), last: false });
        }
        post({ type: 'latest', episodes: chunk, last: true });
      }
    }
    if (episodes.length > 0 || revised.length > 0) post({ type: 'appended', fresh: store.append(episodes, revised), revised: revised.length, totals: store.totals });
    if (closing) {
      await store.close();
      post({ type: 'closed' });
      return;
    }
    await breathe();
  }
}

main().catch((error: unknown) => post(failure(error))).finally(closeInbox);
