/** A page without a server, from the manifest beside it. */
import { loadGame } from '#games';
import { OFFLINE_FILE, ProtocolError, decodeClientMessage, encode, parseOfflineManifest, type OfflineManifest } from '#arena/protocol';
import { createClient, type Client } from '../app/client.js';
import type { OpenSocket } from '../net/socket.js';
import { createThinker } from '../thinker/thinker.js';
import { offlineCatalogue } from './catalogue.js';
import { OfflineServer } from './server.js';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function randomId(characters: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(characters)), (byte) => DIGITS[byte % 64]).join('');
}

/** Throws an Error with words for a person when the manifest is not there or not one. */
export async function startOffline(page: Location, storage: Storage): Promise<Client> {
  const manifest = await fetchManifest(new URL(OFFLINE_FILE, document.baseURI));
  const games = await Promise.all(manifest.games.map((view) => loadGame(view.id)));
  const other = manifest.games.find((view, i) => view.version !== games[i].version);
  if (other !== undefined) throw new Error(`This page plays another version of ${other.name} than its networks were trained on. Export it again.`);
  const catalogue = offlineCatalogue(manifest, games, document.baseURI);
  // The server can speak before the client has been made.
  const late: { client?: Client } = {};
  const open: OpenSocket = () => {
    const socket = new InPageSocket((deliver) => new OfflineServer({
      manifest, games, catalogue, storage, randomId, now: () => Date.now(), thinker: createThinker(), send: deliver,
      onLoading: (loading) => late.client?.store.update((s) => ({ ...s, loading })),
    }));
    return socket;
  };
  late.client = createClient(page, storage, { open, offline: true, modelUrl: catalogue.modelUrl, modelAnswers: async (agent) => catalogue.answers(agent) });
  return late.client;
}

async function fetchManifest(url: URL): Promise<OfflineManifest> {
  let value: unknown;
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the host answers ${response.status}`);
    value = await response.json();
  } catch (error) {
    throw new Error(`${OFFLINE_FILE} cannot be read: ${error instanceof Error ? error.message : String(error)}. It should lie beside this page.`, { cause: error });
  }
  const manifest = parseOfflineManifest(value);
  if (typeof manifest === 'string') throw new Error(`${OFFLINE_FILE} is not valid: ${manifest}. Export the page again.`);
  return manifest;
}

/** What the client takes for a WebSocket: messages go to the server in this page, byte for byte as over a wire. */
class InPageSocket extends EventTarget {
  binaryType: BinaryType = 'arraybuffer';
  readyState: 0 | 1 | 2 | 3 = 0;
  private readonly server: OfflineServer;

  constructor(start: (deliver: (message: Parameters<typeof encode>[0]) => void) => OfflineServer) {
    super();
    this.server = start((message) => {
      const { buffer } = encode(message);
      queueMicrotask(() => this.dispatchEvent(new MessageEvent('message', { data: buffer })));
    });
    queueMicrotask(() => {
      this.readyState = 1;
      this.dispatchEvent(new Event('open'));
    });
  }

  send(data: Parameters<WebSocket['send']>[0]): void {
    try {
      this.server.receive(decodeClientMessage(data as Uint8Array));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.dispatchEvent(new CloseEvent('close', { code: 4400, reason: error.message }));
    }
  }

  close(): void {
    this.readyState = 3;
  }
}
