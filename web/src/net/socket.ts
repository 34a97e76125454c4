/**
 * The one connection to the server: opens, says hello, decodes, and opens again when it breaks.
 * It keeps no state of the game; who uses it is told when the connection is ready, and says then what it wants.
 */
import { CLOSE, PROTOCOL, ProtocolError, SOCKET_PATH, decodeServerMessage, encode } from '#arena/protocol';
import type { ClientMessage, ServerMessage } from '#arena/protocol';

export interface SocketListener {
  /** After `welcome`: say again what this page wants. */
  ready(): void;
  message(message: ServerMessage): void;
  /** The connection broke; the next attempt is in `seconds`. */
  lost(seconds: number): void;
  /** The server will not have this page: no further attempt. `reason` is for a person. */
  refused(reason: string): void;
}

/** What of WebSocket is used: a test brings its own. */
export type OpenSocket = (url: string) => Pick<WebSocket, 'send' | 'close' | 'binaryType' | 'readyState' | 'addEventListener'>;

export interface ServerSocket {
  /** false when there is no connection now: nothing was sent. */
  send(message: ClientMessage): boolean;
  /** Try at once instead of waiting. */
  retry(): void;
  close(): void;
}

const FIRST_DELAY = 0.5; // seconds
const MAX_DELAY = 20; // seconds
/** With nothing heard for this long after opening, the connection is given up. */
const WELCOME_WITHIN = 8; // seconds

/** Seconds before attempt number `failures` (from 1): doubling, with up to a quarter taken off so that clients spread. */
export function retryDelay(failures: number, spread: number): number {
  return Math.min(MAX_DELAY, FIRST_DELAY * 2 ** Math.min(failures - 1, 10)) * (1 - 0.25 * spread);
}

export function socketUrl(page: { readonly protocol: string; readonly host: string }): string {
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}${SOCKET_PATH}`;
}

function spread(): number {
  return crypto.getRandomValues(new Uint8Array(1))[0] / 255;
}

export function connect(url: string, listener: SocketListener, open: OpenSocket = (at) => new WebSocket(at)): ServerSocket {
  let socket: ReturnType<OpenSocket> | undefined;
  let welcomed = false;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  function start(): void {
    clearTimeout(timer);
    const mine = open(url);
    socket = mine;
    welcomed = false;
    mine.binaryType = 'arraybuffer';
    mine.addEventListener('open', () => {
      mine.send(encode({ type: 'hello', protocol: PROTOCOL, client: 'web' }));
      timer = setTimeout(() => welcomed || mine.close(), WELCOME_WITHIN * 1000);
    });
    mine.addEventListener('message', (event) => socket === mine && receive(event.data));
    mine.addEventListener('close', (event) => socket === mine && ended(event.code, event.reason));
  }

  function receive(data: unknown): void {
    if (!(data instanceof ArrayBuffer)) return;
    let message: ServerMessage;
    try {
      message = decodeServerMessage(new Uint8Array(data));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      stop();
      listener.refused(`The server sent something that this page does not understand (${error.message}). Reload the page.`);
      return;
    }
    listener.message(message);
    if (message.type === 'welcome') {
      welcomed = true;
      failures = 0;
      listener.ready();
    } else if (message.type === 'error' && message.code === 'unsupported-protocol') {
      stop();
      listener.refused('The server has been updated. Reload the page to go on.');
    }
  }

  function ended(code: number, reason: string): void {
    socket = undefined;
    clearTimeout(timer);
    if (closed) return;
    if (code === CLOSE.badMessage) {
      closed = true;
      listener.refused(`The server closed the connection${reason === '' ? '' : `: ${reason}`}. Reload the page.`);
      return;
    }
    failures = code === CLOSE.tooMany ? Math.max(failures + 1, 5) : failures + 1;
    const seconds = retryDelay(failures, spread());
    listener.lost(seconds);
    timer = setTimeout(start, seconds * 1000);
  }

  function stop(): void {
    closed = true;
    clearTimeout(timer);
    const mine = socket;
    socket = undefined;
    mine?.close();
  }

  start();
  return {
    send(message) {
      if (socket === undefined || !welcomed || socket.readyState !== 1) return false;
      socket.send(encode(message));
      return true;
    },
    retry() {
      if (!closed && socket === undefined) start();
    },
    close: stop,
  };
}
