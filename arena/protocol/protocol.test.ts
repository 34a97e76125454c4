import { describe, expect, it } from 'vitest';
import { createRng } from '#engine';
import {
  MAX_CLIENT_BYTES, PROTOCOL, ProtocolError, applyEvent, clientMessageTypes, decode, millisLeft, decodeClientMessage, decodeServerMessage, encode,
  type Analysis, type ClientMessage, type RoomEvent, type RoomSnapshot, type ServerMessage, type TrainingStatus,
} from './index.js';

const token = 'A'.repeat(32);
const roomId = 'room-0123456789';

const analysis: Analysis = {
  ply: 1, turn: 1, agent: 'uct-100', agentName: 'Tree search', source: 'move', simulations: 100, millis: 12, value: -0.25,
  actions: [{ action: 3, name: '4', prior: 1 / 7, visits: 60, value: 0.1, policy: 0.6, proven: null, exact: -2 }],
  principalVariation: [{ action: 3, name: '4' }], exact: -2,
};
const room: RoomSnapshot = {
  roomId, seq: 4, epoch: 'e', game: { id: 'connect4', version: 1 }, gameNumber: 1, setup: null, swapped: false,
  seats: [{ kind: 'human', name: 'You', taken: true, connected: true, forfeitAt: null, clock: null }, { kind: 'agent', agent: 'uct-100', name: 'Tree search', strength: { simulations: 100 }, clock: null }],
  moves: [{ action: 3, name: '4', seat: 0, millis: 900 }], turn: 1, legal: [{ action: 0, name: '1' }], result: null, clock: null, offers: [], hints: [], hintsAllowed: true, thinking: 1, analyses: [analysis],
};
const status: TrainingStatus = {
  run: 'connect4', game: 'connect4', state: 'running', reason: null, yielding: false, elapsed: 12.5, goal: null, games: 3, gamesPerSecond: 1.5,
  positions: 99, positionsPerSecond: null, evaluationsPerSecond: 4e4, step: 7, stepsPerSecond: 2, learningRate: 1e-3, losses: { total: 2.1, policy: 1.2 },
  window: 5000, reuse: 3.5, checkpoint: null,
};

const clientMessages: ClientMessage[] = [
  { type: 'hello', protocol: PROTOCOL },
  { type: 'subscribe', topic: 'training', requestId: 1 },
  { type: 'create-room', game: 'connect4', seats: [{ kind: 'human' }, { kind: 'agent', agent: 'run:step-00000010', strength: { millis: 500 } }], setup: '44' },
  { type: 'join-room', roomId, seatTokens: [token], since: 3, epoch: 'e' },
  { type: 'take-seat', roomId, seat: 1, name: 'Zoë' },
  { type: 'move', roomId, seatToken: token, clientMoveId: 'm1', ply: 0, action: 3 },
  { type: 'takeback', roomId, seatToken: token },
  { type: 'new-game', roomId, seatToken: token, swap: true },
  { type: 'analyse', roomId, agent: 'solver', ply: 0, strength: { simulations: 800 } },
  { type: 'training-control', command: 'pause', adminToken: 'a-secret-of-the-admin' },
  { type: 'unsubscribe', topic: 'rooms' },
  { type: 'leave-room', roomId },
  { type: 'resign', roomId, seatToken: token },
  { type: 'set-agent', roomId, seatToken: token, seat: 1, agent: 'uct-100' },
  { type: 'offer-draw', roomId, seatToken: token },
  { type: 'answer-offer', roomId, seatToken: token, kind: 'draw', accept: true },
  { type: 'hint', roomId, seatToken: token },
  { type: 'review', roomId, agent: 'uct', strength: { simulations: 100 } },
  { type: 'tree', roomId, agent: 'uct', path: [3, 2], levels: 2 },
  { type: 'dream', roomId, ply: 2, agent: 'run:step-00000100' },
  { type: 'cancel' },
  { type: 'runs' },
  { type: 'diagnose', requestId: 4 },
  { type: 'run-history', run: 'connect4' },
  { type: 'watch-tournament', tournamentId: null },
  { type: 'tournament-games', tournamentId: 't', players: ['a'], offset: 0 },
  { type: 'tournament-game', tournamentId: 't', game: 7 },
];
const serverMessages: ServerMessage[] = [
  { type: 'room-snapshot', room },
  { type: 'room-events', roomId, events: [{ seq: 5, event: { type: 'analysis', analysis } }] },
  { type: 'move-rejected', roomId, clientMoveId: 'm1', code: 'illegal-move', message: 'no', room },
  { type: 'training-status', status },
  { type: 'dream', roomId, ply: 1, agent: 'model:x', agentName: 'x', turn: 1, value: 0.25, steps: [{ action: 4, name: 'b2', reward: 0, value: -0.5, realReward: 0, seenValue: -0.25 }] },
  { type: 'training-history', series: [{ name: 'loss.total', elapsed: [1, 2.5], games: [1, 2], steps: [10, 20], values: [2, 1.5], errors: [0, 0.25] }] },
  { type: 'self-play', board: { gameNumber: 9, game: 'connect4', setup: null, actions: [3, 3], values: [0, 0.125], returns: null } },
  { type: 'error', code: 'limit', message: 'too many', requestId: 4_294_967_295 },
];

describe('codec', () => {
  it('has a sample of every kind', () => {
    expect(new Set(clientMessages.map((message) => message.type))).toEqual(new Set(clientMessageTypes));
  });

  it.each(clientMessages)('client $type comes back as it went', (message) => {
    expect(decodeClientMessage(encode(message))).toEqual(message);
  });

  it.each(serverMessages)('server $type comes back as it went', (message) => {
    expect(decodeServerMessage(encode(message))).toEqual(message);
  });

  it('drops undefined entries, and gives bytes of its own', () => {
    const message = { type: 'hello', protocol: 1, client: undefined } as const;
    const bytes = encode(message);
    encode(clientMessages[2]);
    expect(decodeClientMessage(bytes)).toEqual({ type: 'hello', protocol: 1 });
    expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
  });

  it.each([new Float32Array(3), new Date(0), new Map(), 3n, () => 0])('refuses to send %s', (value) => {
    const series = [{ name: 'x', elapsed: value, games: [], steps: [], values: [] }];
    expect(() => encode({ type: 'training-append', series } as unknown as ServerMessage)).toThrow(TypeError);
  });
});

/** MessagePack by hand, from the specification: what no encoder of ours would write. */
const hostile: [name: string, bytes: number[], says: RegExp][] = [
  ['nothing', [], /ends/],
  ['array32 of 30 million without entries', [0xdd, 0x01, 0xc9, 0xc3, 0x80], /announces more/],
  ['map32 of four billion', [0xdf, 0xff, 0xff, 0xff, 0xff], /announces more/],
  ['text32 longer than the message', [0xdb, 0x7f, 0xff, 0xff, 0xff, 0x41], /announces more/],
  ['cut in the middle of a float', [0xcb, 0, 0, 0], /ends/],
  ['a length without its bytes', [0xdc, 0], /ends/],
  ['two values', [0xc0, 0xc0], /after its end/],
  ['nested 64,000 deep', Array.from({ length: 64_000 }, () => 0x91), /nested/],
  ['an extension: msgpackr record', [0xd4, 0x72, 0x40], /type 0xd4/],
  ['an extension: date', [0xd6, 0xff, 0, 0, 0, 0], /type 0xd6/],
  ['an extension: typed array', [0xc7, 5, 0x74, 8, 0, 0, 0, 0], /type 0xc7/],
  ['the unused byte', [0xc1], /type 0xc1/],
];

describe('hostile bytes', () => {
  it.each(hostile)('%s', (_name, bytes, says) => {
    expect(() => decode(Uint8Array.from(bytes))).toThrow(ProtocolError);
    expect(() => decode(Uint8Array.from(bytes))).toThrow(says);
  });

  it('random bytes and mutated messages throw ProtocolError and nothing else, or decode to a message of the union', () => {
    const rng = createRng('protocol fuzz');
    const seeds = clientMessages.map((message) => encode(message));
    let taken = 0;
    for (let i = 0; i < 20_000; i++) {
      let bytes: Uint8Array;
      if (i % 4 === 0) bytes = Uint8Array.from({ length: rng.below(64) }, () => rng.below(256));
      else {
        const seed = seeds[rng.below(seeds.length)];
        bytes = seed.slice(0, i % 3 === 0 ? rng.below(seed.length + 1) : seed.length);
        for (let k = rng.below(4); k > 0 && bytes.length > 0; k--) bytes[rng.below(bytes.length)] = rng.below(256);
      }
      try {
        const message = decodeClientMessage(bytes);
        expect(Object.getPrototypeOf(message)).toBe(Object.prototype);
        // Whatever is taken can be said again in the same words.
        expect(decodeClientMessage(encode(message))).toEqual(message);
        taken++;
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }
    expect(taken).toBeGreaterThan(1000);
  });

  it('an oversize message', () => {
    const bytes = encode({ type: 'hello', protocol: 1, client: 'x'.repeat(MAX_CLIENT_BYTES) });
    expect(() => decodeClientMessage(bytes)).toThrow(/at most 65536/);
  });
});

/** A map with text keys, as plain pairs, so that `__proto__` can be a key. */
function mapBytes(pairs: [string, number[]][]): Uint8Array {
  const text = (s: string) => [0xa0 | s.length, ...new TextEncoder().encode(s)];
  return Uint8Array.from([0x80 | pairs.length, ...pairs.flatMap(([key, value]) => [...text(key), ...value])]);
}
const textValue = (s: string) => [0xa0 | s.length, ...new TextEncoder().encode(s)];

describe('strict schemas', () => {
  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'extra'])('refuses the key %s and pollutes nothing', (key) => {
    const bytes = mapBytes([['type', textValue('hello')], ['protocol', [1]], [key, [0x81, ...textValue('polluted'), 1]]]);
    expect(() => decodeClientMessage(bytes)).toThrow(ProtocolError);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  const move = clientMessages.find((message) => message.type === 'move') as Extract<ClientMessage, { type: 'move' }>;
  const wrong: [string, unknown][] = [
    ['no type', { protocol: 1 }],
    ['an unknown type', { type: 'shutdown' }],
    ['the type of a server', { type: 'welcome' }],
    ['a list', [1, 2]],
    ['a fraction', { ...move, action: 1.5 }],
    ['a negative action', { ...move, action: -1 }],
    ['not a number', { ...move, ply: Number.NaN }],
    ['a number as text', { ...move, ply: '0' }],
    ['a long room id', { ...move, roomId: 'x'.repeat(33) }],
    ['a path as agent', { type: 'analyse', roomId, agent: '../../etc/passwd' }],
    ['an agent string', { type: 'analyse', roomId, agent: 'az:/tmp,sims=1' }],
    ['a program as game', { type: 'create-room', game: 'gym:CartPole-v1', seats: [{ kind: 'human' }] }],
    ['a program of Python as game', { type: 'create-room', game: 'gym:CartPole-v1,python=/bin/sh', seats: [{ kind: 'human' }] }],
    ['no token', { ...move, seatToken: undefined }],
    ['two strengths', { type: 'analyse', roomId, agent: 'random', strength: { simulations: 1, millis: 1 } }],
    ['three seats', { type: 'create-room', game: 'connect4', seats: [{ kind: 'human' }, { kind: 'human' }, { kind: 'human' }] }],
  ];
  it.each(wrong)('refuses %s', (_name, value) => {
    expect(() => decodeClientMessage(encode(value as ClientMessage))).toThrow(ProtocolError);
  });

  it('says where, without repeating what was sent', () => {
    expect(() => decodeClientMessage(encode({ ...move, ply: 'SECRET' } as unknown as ClientMessage))).toThrow(/^move\.ply: (?!.*SECRET)/);
  });
});

describe('room events', () => {
  const position = { turn: 0 as const, legal: [{ action: 1, name: '2' }], result: null, clock: null };
  const events: RoomEvent[] = [
    { type: 'moved', ply: 1, action: 0, name: '1', seat: 1, millis: 5, ...position },
    { type: 'taken-back', ply: 0, ...position },
    { type: 'finished', result: { returns: -1, winner: 1, reason: 'resigned' }, clock: null },
    { type: 'new-game', gameNumber: 2, setup: '1', seats: room.seats, swapped: true, ...position },
    { type: 'offered', offer: { kind: 'draw', seat: 0, swap: false, setup: null } },
    { type: 'offer-closed', kind: 'draw', seat: 0, outcome: 'declined' },
    { type: 'hinted', seat: 0, ply: 1 },
    { type: 'clock', clock: { remaining: [60_000, null], running: 0, since: 1_000 } },
  ];
  it.each(events)('$type goes over the wire and changes a state without touching the old one', (event) => {
    const before = structuredClone(room);
    const sent = decodeServerMessage(encode({ type: 'room-events', roomId, events: [{ seq: 5, event }] }));
    if (sent.type !== 'room-events') throw new Error('another message came back');
    const after = applyEvent(room, sent.events[0]) as RoomSnapshot;
    expect(room).toEqual(before);
    expect(after.seq).toBe(5);
    expect(decodeServerMessage(encode({ type: 'room-snapshot', room: after }))).toEqual({ type: 'room-snapshot', room: after });
  });

  it('moves, and takes back with what was thought about later plies', () => {
    const moved = applyEvent(room, { seq: 5, event: events[0] }) as RoomSnapshot;
    expect([moved.moves.length, moved.turn, moved.thinking]).toEqual([2, 0, null]);
    const back = applyEvent(moved, { seq: 6, event: events[1] }) as RoomSnapshot;
    expect([back.moves.length, back.analyses.length]).toEqual([0, 0]);
  });

  it('keeps a draw offer until the other side moves, and no offer beyond the end', () => {
    const offers = [{ kind: 'draw', seat: 1, swap: false, setup: null }, { kind: 'takeback', seat: 0, swap: false, setup: null }] as const;
    const asked = { ...room, offers: [...offers] };
    const own = applyEvent(asked, { seq: 5, event: events[0] });
    expect(own?.offers).toEqual([offers[0]]);
    const other = applyEvent(asked, { seq: 5, event: { ...events[0], seat: 0 } as RoomEvent });
    expect(other?.offers).toEqual([]);
    expect(applyEvent(asked, { seq: 5, event: events[2] })?.offers).toEqual([]);
  });

  it('tells what is left on a clock', () => {
    const clock = { remaining: [5_000, 7_000], running: 1 as const, since: 100 };
    expect([millisLeft(clock, 0, 900), millisLeft(clock, 1, 900), millisLeft(clock, 1, 90_000), millisLeft(clock, 1, 50)]).toEqual([5_000, 6_200, 0, 7_000]);
    expect([millisLeft(null, 0, 0), millisLeft({ ...clock, remaining: [null, 1] }, 0, 0)]).toEqual([null, null]);
  });

  it('passes over what it has seen and tells a gap', () => {
    expect(applyEvent(room, { seq: 4, event: events[2] })).toBe(room);
    expect(applyEvent(room, { seq: 6, event: events[2] })).toBeUndefined();
  });
});
