import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CLOSE, PROTOCOL, decodeClientMessage, encode, type ClientMessage, type ServerMessage } from '#arena/protocol';
import { connect, retryDelay, socketUrl, type SocketListener } from './socket.js';

/** Stands in for the browser's WebSocket: the test opens, closes and speaks for the server. */
class FakeSocket extends EventTarget {
  binaryType: BinaryType = 'blob';
  readyState = 0;
  readonly sent: ClientMessage[] = [];
  send(data: Uint8Array): void { this.sent.push(decodeClientMessage(data)); }
  close(): void { this.ends(1000); }
  opens(): void { this.readyState = 1; this.dispatchEvent(new Event('open')); }
  says(message: ServerMessage): void { this.dispatchEvent(new MessageEvent('message', { data: encode(message).buffer })); }
  ends(code: number, reason = ''): void { this.readyState = 3; this.dispatchEvent(Object.assign(new Event('close'), { code, reason })); }
}

const welcome: ServerMessage = { type: 'welcome', protocol: PROTOCOL, version: 'x', epoch: 'e', time: 0, adminToken: false, games: [], agents: [], training: null, limits: { simulations: 10, millis: 10 } };

function setup() {
  const sockets: FakeSocket[] = [];
  const heard: string[] = [];
  const listener: SocketListener = { ready: () => heard.push('ready'), message: (m) => heard.push(m.type), lost: () => heard.push('lost'), refused: () => heard.push('refused') };
  const socket = connect('ws://x/socket', listener, () => {
    const fake = new FakeSocket();
    sockets.push(fake);
    return fake as unknown as WebSocket;
  });
  return { sockets, heard, socket };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the connection', () => {
  it('says hello, and is ready after the welcome, not before', () => {
    const { sockets: [first], heard, socket } = setup();
    expect(socket.send({ type: 'subscribe', topic: 'rooms' })).toBe(false);
    first.opens();
    expect(first.sent).toEqual([{ type: 'hello', protocol: PROTOCOL, client: 'web' }]);
    first.says(welcome);
    expect(heard).toEqual(['welcome', 'ready']);
    expect(socket.send({ type: 'subscribe', topic: 'rooms' })).toBe(true);
  });

  it('opens again after a break, waits longer each time, and becomes ready again', () => {
    const { sockets, heard } = setup();
    sockets[0].ends(1006);
    vi.advanceTimersByTime(600);
    expect(sockets).toHaveLength(2);
    sockets[1].ends(1006);
    vi.advanceTimersByTime(600);
    expect(sockets).toHaveLength(2);
    vi.advanceTimersByTime(600);
    expect(sockets).toHaveLength(3);
    sockets[2].opens();
    sockets[2].says(welcome);
    expect(heard).toEqual(['lost', 'lost', 'welcome', 'ready']);
  });

  it('gives up on a server that never welcomes it', () => {
    const { sockets, heard } = setup();
    sockets[0].opens();
    vi.advanceTimersByTime(9000);
    expect(heard).toEqual(['lost']);
  });

  it('does not come back after being told that its messages are wrong', () => {
    const { sockets, heard } = setup();
    sockets[0].ends(CLOSE.badMessage, 'move.ply: expected number');
    vi.advanceTimersByTime(60_000);
    expect([sockets.length, heard]).toEqual([1, ['refused']]);
  });

  it('refuses what is not a message of the protocol', () => {
    const { sockets: [first], heard } = setup();
    first.opens();
    first.dispatchEvent(new MessageEvent('message', { data: new Uint8Array([0xc1, 1, 2]).buffer }));
    expect(heard).toEqual(['refused']);
  });
});

it('delays double up to 20 s, less up to a quarter', () => {
  expect([1, 2, 3].map((n) => retryDelay(n, 0))).toEqual([0.5, 1, 2]);
  expect(retryDelay(50, 0)).toBe(20);
  expect(retryDelay(50, 1)).toBe(15);
});

it('the socket is where the page came from', () => {
  expect(socketUrl({ protocol: 'http:', host: '127.0.0.1:8420' })).toBe('ws://127.0.0.1:8420/socket');
  expect(socketUrl({ protocol: 'https:', host: 'x.org' })).toBe('wss://x.org/socket');
});
