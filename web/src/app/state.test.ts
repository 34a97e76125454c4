import { describe, expect, it } from 'vitest';
import type { Analysis, RoomSnapshot, Series, ServerMessage } from '#arena/protocol';
import { initialState, joining, ownSeats, receive, tokenOfSeat, type AppState } from './state.js';

const ROOM = 'room-aaaa';
const TOKEN = 'a'.repeat(32);

function snapshot(over: Partial<RoomSnapshot> = {}): RoomSnapshot {
  return {
    roomId: ROOM, seq: 1, epoch: 'e', game: { id: 'tic-tac-toe', version: 1 }, gameNumber: 1, setup: null,
    seats: [{ kind: 'human', name: 'A person', taken: true, connected: true, forfeitAt: null, clock: null }, { kind: 'agent', agent: 'random', name: 'Random', strength: null, clock: null }],
    swapped: false, moves: [], turn: 0, legal: [{ action: 0, name: 'a3' }, { action: 4, name: 'b2' }], result: null, clock: null, offers: [], hints: [], hintsAllowed: true, thinking: null, analyses: [], ...over,
  };
}

const inRoom = (over: Partial<RoomSnapshot> = {}): AppState =>
  receive(joining(initialState, { roomId: ROOM, tokens: [TOKEN, null] }), { type: 'room-snapshot', room: snapshot(over) });

const moved = (seq: number, ply: number, action: number): ServerMessage => ({
  type: 'room-events', roomId: ROOM,
  events: [{ seq, event: { type: 'moved', ply, action, name: 'b2', seat: (ply % 2) as 0 | 1, millis: 5, turn: ((ply + 1) % 2) as 0 | 1, legal: [], result: null, clock: null } }],
});

const curve = (values: number[], from = 0): Series => ({ name: 'loss.total', elapsed: values.map((_, i) => from + i), games: values.map(() => 1), steps: values.map(() => 1), values });

describe('a room', () => {
  it('is taken in only when we asked for it', () => {
    expect(receive(initialState, { type: 'room-snapshot', room: snapshot() })).toBe(initialState);
    expect(inRoom().room?.snapshot.roomId).toBe(ROOM);
  });

  it('knows our seat, and that a swap moves us to the other', () => {
    const { room } = inRoom();
    expect(room && ownSeats(room)).toEqual([0]);
    const swapped = inRoom({ swapped: true }).room;
    expect(swapped && ownSeats(swapped)).toEqual([1]);
    expect(swapped && tokenOfSeat(swapped, 1)).toBe(TOKEN);
  });

  it('folds events in order and asks again when one is missing', () => {
    const after = receive(inRoom(), moved(2, 0, 4));
    expect(after.room?.snapshot.moves.map((m) => m.action)).toEqual([4]);
    const gap = receive(inRoom(), moved(3, 1, 4));
    expect(gap.room?.gap).toBe(true);
    expect(gap.room?.snapshot.moves).toEqual([]);
    expect(receive(gap, { type: 'room-snapshot', room: snapshot({ seq: 9 }) }).room).toMatchObject({ gap: false, snapshot: { seq: 9 } });
  });

  it('keeps a pending move until the room shows its ply', () => {
    const waiting: AppState = { ...inRoom(), room: { ...inRoom().room!, pending: { clientMoveId: 'm1', ply: 0, action: 4 } } };
    const accepted = receive(waiting, { type: 'move-accepted', roomId: ROOM, clientMoveId: 'm1', ply: 0, seq: 2 });
    expect(accepted.room?.pending).toBeDefined();
    expect(receive(accepted, moved(2, 0, 4)).room?.pending).toBeUndefined();
  });

  it('gives a rejected move up, shows the true board and says why', () => {
    const waiting: AppState = { ...inRoom(), room: { ...inRoom().room!, pending: { clientMoveId: 'm1', ply: 0, action: 4 } } };
    const rejected = receive(waiting, { type: 'move-rejected', roomId: ROOM, clientMoveId: 'm1', code: 'stale', message: 'the game has moved on', room: snapshot({ seq: 5, moves: [{ action: 0, name: 'a3', seat: 0, millis: 1 }], turn: 1 }) });
    expect(rejected.room?.pending).toBeUndefined();
    expect(rejected.room?.snapshot.seq).toBe(5);
    expect(rejected.notice).toBe('the game has moved on');
  });

  it('says when it is gone', () => {
    const closed = receive(inRoom(), { type: 'room-closed', roomId: ROOM, reason: 'nobody was there for an hour' });
    expect(closed.room).toBeUndefined();
    expect(closed.roomGone).toEqual({ roomId: ROOM, reason: 'nobody was there for an hour' });
  });
});

describe('training', () => {
  it('appends to curves, keeps the others, and thins out what grows too long', () => {
    const had = receive(initialState, { type: 'training-history', series: [curve([3, 2]), { ...curve([9]), name: 'window' }] });
    const grown = receive(had, { type: 'training-append', series: [curve([1], 2)] });
    expect(grown.training.series.get('loss.total')).toMatchObject({ elapsed: [0, 1, 2], values: [3, 2, 1] });
    expect(grown.training.series.get('window')?.values).toEqual([9]);
    const long = receive(had, { type: 'training-append', series: [curve(Array.from({ length: 2500 }, (_, i) => i), 2)] }).training.series.get('loss.total');
    expect(long?.values.length).toBeLessThan(2000);
    expect(long?.values.at(-1)).toBe(2499);
    expect(long?.elapsed.every((t, i, all) => i === 0 || t > all[i - 1])).toBe(true);
  });
});

it('an error that answers a request is not a notice; any other is', () => {
  const error = { type: 'error', code: 'limit', message: 'too many rooms' } as const;
  expect(receive(initialState, error).notice).toBe('too many rooms');
  expect(receive(initialState, { ...error, requestId: 7 })).toBe(initialState);
});

it('an analysis inside the events reaches the room', () => {
  const analysis: Analysis = { ply: 0, turn: 0, agent: 'solver', agentName: 'Perfect play', source: 'asked', simulations: 0, millis: 1, value: null, actions: [], principalVariation: [], exact: 0 };
  const state = receive(inRoom(), { type: 'room-events', roomId: ROOM, events: [{ seq: 2, event: { type: 'analysis', analysis } }] });
  expect(state.room?.snapshot.analyses).toEqual([analysis]);
});
