/** What players may ask of each other and of the clock, and what survives a restart. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { millisLeft, type ClientMessage, type SeatRequest } from '#arena/protocol';
import type { Server, ServerOptions } from './index.js';
import { Client, human, open, random, serve, tidy } from './testing/client.js';

afterEach(tidy);

/** Two persons at one board, the second by the link. */
async function twoPersons(options: Partial<ServerOptions> = {}, first: SeatRequest = human, second: SeatRequest = open) {
  const { server, folder } = await serve(options);
  const owner = await Client.greet(server);
  const { roomId, tokens } = await owner.create([first, second]);
  const guest = await Client.greet(server);
  guest.send({ type: 'join-room', roomId });
  await guest.next('room-snapshot');
  guest.send({ type: 'take-seat', roomId, seat: 1, name: 'Guest' });
  const { seatToken } = await guest.next('seat-taken');
  await owner.until((r) => r.seats[1].kind === 'human' && r.seats[1].connected);
  const seats = [tokens[0] as string, seatToken];
  let id = 0;
  const move = (ply: number, action: number): ClientMessage => ({ type: 'move', roomId, seatToken: seats[ply % 2], clientMoveId: `m${id++}`, ply, action });
  return { server, folder, owner, guest, roomId, seats, move };
}

/** The same folder, served anew: what a client sees after the server was away. */
async function again(server: Server, folder: string, options: Partial<ServerOptions> = {}) {
  await server.close();
  return (await serve({ dataDir: folder, ...options })).server;
}

describe('between two persons', () => {
  it('a takeback is asked for, and granted or not', async () => {
    const { owner, guest, roomId, seats, move } = await twoPersons();
    owner.send({ type: 'takeback', roomId, seatToken: seats[0] });
    expect((await owner.next('error')).code).toBe('not-allowed');
    owner.send(move(0, 4));
    await guest.until((r) => r.moves.length === 1);
    guest.send(move(1, 0));
    await owner.until((r) => r.moves.length === 2);
    owner.send({ type: 'takeback', roomId, seatToken: seats[0] });
    expect((await guest.until((r) => r.offers.length === 1)).offers).toEqual([{ kind: 'takeback', seat: 0, swap: false, setup: null }]);
    owner.send({ type: 'answer-offer', roomId, seatToken: seats[0], kind: 'takeback', accept: true });
    expect((await owner.next('error')).code).toBe('not-allowed');
    guest.send({ type: 'answer-offer', roomId, seatToken: seats[1], kind: 'takeback', accept: false });
    await owner.until((r) => r.offers.length === 0);
    owner.send({ type: 'takeback', roomId, seatToken: seats[0] });
    expect((await owner.next('error')).message).toMatch(/after your next move/);
    guest.send({ type: 'takeback', roomId, seatToken: seats[1] });
    await owner.until((r) => r.offers.length === 1);
    owner.send({ type: 'answer-offer', roomId, seatToken: seats[0], kind: 'takeback', accept: true });
    const back = await owner.until((r) => r.moves.length === 1);
    expect([back.turn, back.offers]).toEqual([1, []]);
    guest.send({ type: 'answer-offer', roomId, seatToken: seats[1], kind: 'takeback', accept: true });
    expect((await guest.next('error')).code).toBe('stale');
  });

  it('a draw is offered, declined by moving on, and agreed when both offer it', async () => {
    const { owner, guest, roomId, seats, move } = await twoPersons();
    owner.send(move(0, 4));
    owner.send({ type: 'offer-draw', roomId, seatToken: seats[0] });
    await guest.until((r) => r.offers.length === 1);
    owner.send({ type: 'offer-draw', roomId, seatToken: seats[0] });
    expect((await owner.next('error')).message).toMatch(/already/);
    guest.send(move(1, 0));
    await owner.until((r) => r.moves.length === 2 && r.offers.length === 0);
    guest.send({ type: 'offer-draw', roomId, seatToken: seats[1] });
    await owner.until((r) => r.offers.length === 1);
    owner.send({ type: 'offer-draw', roomId, seatToken: seats[0] });
    expect((await guest.until((r) => r.result !== null)).result).toEqual({ returns: 0, winner: null, reason: 'agreed' });
  });

  it('a rematch with the sides swapped begins when the other one agrees', async () => {
    const { owner, guest, roomId, seats } = await twoPersons();
    owner.send({ type: 'new-game', roomId, seatToken: seats[0], swap: true });
    expect((await owner.next('error')).code).toBe('not-allowed');
    guest.send({ type: 'resign', roomId, seatToken: seats[1] });
    expect((await owner.until((r) => r.result !== null)).result).toMatchObject({ winner: 0, reason: 'resigned' });
    owner.send({ type: 'new-game', roomId, seatToken: seats[0], swap: true });
    await guest.until((r) => r.offers.some((offer) => offer.kind === 'rematch' && offer.swap));
    guest.send({ type: 'answer-offer', roomId, seatToken: seats[1], kind: 'rematch', accept: true });
    const room = await owner.until((r) => r.gameNumber === 2);
    expect([room.swapped, room.seats.map((seat) => seat.name), room.offers]).toEqual([true, ['Guest', 'Player 1'], []]);
    guest.send({ type: 'move', roomId, seatToken: seats[1], clientMoveId: 'x', ply: 0, action: 4 });
    await owner.until((r) => r.moves.length === 1);
    expect([owner.gaps, guest.gaps]).toEqual([0, 0]);
  });

  it('who stays away is told when that loses, and who comes back in time is not counted out', async () => {
    const { server, owner, guest, roomId, seats, move } = await twoPersons({ limits: { graceMillis: 3600_000 } });
    owner.send(move(0, 4));
    const welcome = owner.heard.find((message) => message.type === 'welcome');
    guest.socket.close();
    const away = await owner.until((r) => r.seats[1].kind === 'human' && r.seats[1].forfeitAt !== null);
    expect(away.seats[1]).toMatchObject({ connected: false });
    expect(away.seats[1].kind === 'human' && away.seats[1].forfeitAt).toBeGreaterThanOrEqual((welcome?.time ?? Infinity) + 3600_000);
    const back = await Client.greet(server);
    back.send({ type: 'join-room', roomId, seatTokens: [seats[1]] });
    const here = await owner.until((r) => r.seats[1].kind === 'human' && r.seats[1].connected);
    expect(here.seats[1]).toMatchObject({ forfeitAt: null });
    expect(here.result).toBeNull();
  });

  it('who stays away for too long loses', async () => {
    const { owner, guest } = await twoPersons({ limits: { graceMillis: 50 } });
    guest.socket.close();
    const lost = await owner.until((r) => r.result !== null && r.seats[1].kind === 'human' && r.seats[1].forfeitAt === null);
    expect(lost.result).toEqual({ returns: 1, winner: 0, reason: 'disconnect' });
  });

  it('when both are away, nobody is counted out', async () => {
    // Long enough for the second to leave while the first one's time runs, however slow the machine.
    const { server, owner, guest, roomId } = await twoPersons({ limits: { graceMillis: 3600_000 } });
    guest.socket.close();
    owner.socket.close();
    const watcher = await Client.greet(server);
    watcher.send({ type: 'join-room', roomId });
    // Whichever left last saw the other one leave: that countdown ended with its own leaving.
    const room = await watcher.until((r) => r.seats.every((seat) => seat.kind === 'human' && !seat.connected && seat.forfeitAt === null));
    expect(room.result).toBeNull();
  });

  it('no hints, unless the room was opened with them', async () => {
    const { owner, roomId, seats } = await twoPersons();
    owner.send({ type: 'hint', roomId, seatToken: seats[0] });
    expect((await owner.next('error')).code).toBe('not-allowed');
  });
});

describe('clocks', () => {
  it('give each player its first move, count down, add the increment, and end the game', async () => {
    // The owner has more than any machine needs; the guest's time runs out whatever it does.
    const rich = { initial: 3600_000, increment: 1800_000 };
    const { owner, guest, move } = await twoPersons({}, { ...human, clock: rich }, { ...open, clock: { initial: 1000, increment: 0 } });
    owner.send(move(0, 4));
    const first = await guest.until((r) => r.moves.length === 1);
    expect(first.clock).toMatchObject({ remaining: [3600_000, 1000], running: null });
    guest.send(move(1, 0));
    const second = await owner.until((r) => r.moves.length === 2);
    expect(second.clock).toMatchObject({ remaining: [3600_000, 1000], running: 0 });
    owner.send(move(2, 1));
    const over = await owner.until((r) => r.result !== null);
    // As it was told: by now the guest's time may be up.
    const third = owner.heard.flatMap((message) => (message.type === 'room-events' ? message.events : [])).flatMap(({ event }) => (event.type === 'moved' && event.ply === 2 ? [event.clock] : []));
    expect(third).toMatchObject([{ remaining: [expect.any(Number), 1000], running: 1 }]);
    const [left] = third[0]?.remaining ?? [];
    expect(left).toBeGreaterThan(3600_000);
    expect(left).toBeLessThanOrEqual(5400_000);
    expect(over.result).toEqual({ returns: 1, winner: 0, reason: 'timeout' });
    expect(over.clock).toMatchObject({ remaining: [left, 0], running: null });
    guest.send(move(3, 2));
    expect((await guest.next('move-rejected')).code).toBe('game-over');
  });

  it('are those of the players, also when seats are swapped', async () => {
    const { owner, guest, roomId, seats } = await twoPersons({}, { ...human, clock: { initial: 60_000, increment: 0 } }, { ...open, clock: { initial: 1000, increment: 500 } });
    expect(owner.room?.clock?.remaining).toEqual([60_000, 1000]);
    owner.send({ type: 'resign', roomId, seatToken: seats[0] });
    await guest.until((r) => r.result !== null);
    for (const [client, seatToken] of [[owner, seats[0]], [guest, seats[1]]] as const) client.send({ type: 'new-game', roomId, seatToken, swap: true });
    const room = await owner.until((r) => r.gameNumber === 2);
    expect(room.clock?.remaining).toEqual([1000, 60_000]);
  });

  it('stand while the server is away, and until the player to move is back', async () => {
    const rule = { initial: 3600_000, increment: 0 };
    const { server, folder, owner, guest, roomId, seats, move } = await twoPersons({}, { ...human, clock: rule }, { ...open, clock: rule });
    for (const [i, client] of [owner, guest, owner].entries()) {
      client.send(move(i, i));
      await guest.until((r) => r.moves.length === i + 1);
    }
    const before = await owner.until((r) => r.moves.length === 3);
    expect(before.clock?.running).toBe(1);
    const next = await again(server, folder);
    const watcher = await Client.greet(next);
    watcher.send({ type: 'join-room', roomId, since: before.seq, epoch: before.epoch });
    watcher.room = before;
    const standing = await watcher.until((r) => r.clock?.running === null && r.seats.every((seat) => seat.kind === 'human' && !seat.connected));
    expect(standing.clock?.remaining).toEqual(before.clock?.remaining);
    expect([watcher.gaps, standing.moves]).toEqual([0, before.moves]);
    const back = await Client.greet(next);
    back.send({ type: 'join-room', roomId, seatTokens: [seats[1]] });
    const running = await watcher.until((r) => r.clock?.running === 1);
    expect(millisLeft(running.clock, 1, running.clock?.since ?? 0)).toBe(before.clock?.remaining[1]);
  });
});

describe('against agents', () => {
  it('a draw is answered by what the agent thinks of its position', async () => {
    const { server, agents } = await serve();
    const client = await Client.greet(server);
    const { roomId, tokens } = await client.create([human, random], 'connect4');
    const seatToken = tokens[0] as string;
    client.send({ type: 'offer-draw', roomId, seatToken });
    await client.until((r) => r.seq >= 2 && r.offers.length === 0);
    client.send({ type: 'move', roomId, seatToken, clientMoveId: 'a', ply: 0, action: 3 });
    await client.until((r) => r.moves.length === 2);
    // It thinks well of itself (0.5).
    client.send({ type: 'offer-draw', roomId, seatToken });
    client.send({ type: 'move', roomId, seatToken, clientMoveId: 'b', ply: 2, action: 4 });
    const on = await client.until((r) => r.moves.length === 4 || r.result !== null);
    expect(on.result).toBeNull();
    expect(client.heard.flatMap((m) => (m.type === 'room-events' ? m.events : [])).filter(({ event }) => event.type === 'offer-closed')).toHaveLength(2);
    agents.value = -0.25;
    client.send({ type: 'move', roomId, seatToken, clientMoveId: 'c', ply: 4, action: 6 });
    await client.until((r) => r.moves.length === 6 || r.result !== null);
    client.send({ type: 'offer-draw', roomId, seatToken });
    expect((await client.until((r) => r.result !== null)).result?.reason).toBe('agreed');
  });
});

describe('a seat in two windows', () => {
  it('is played from the newest, which the other is told and may turn round', async () => {
    const { server } = await serve();
    const first = await Client.greet(server);
    const { roomId, tokens } = await first.create([human, random]);
    const seatToken = tokens[0] as string;
    const second = await Client.greet(server);
    second.send({ type: 'join-room', roomId, seatTokens: [seatToken] });
    expect(await first.next('seat-elsewhere')).toMatchObject({ roomId, player: 0 });
    first.send({ type: 'move', roomId, seatToken, clientMoveId: 'a', ply: 0, action: 4 });
    expect((await first.next('move-rejected')).code).toBe('elsewhere');
    first.send({ type: 'resign', roomId, seatToken });
    expect((await first.next('error')).code).toBe('elsewhere');
    second.send({ type: 'move', roomId, seatToken, clientMoveId: 'b', ply: 0, action: 4 });
    await second.next('move-accepted');
    first.send({ type: 'join-room', roomId, seatTokens: [seatToken] });
    expect((await second.next('seat-elsewhere')).player).toBe(0);
    second.socket.close();
    first.send({ type: 'takeback', roomId, seatToken });
    await first.until((r) => r.moves.length === 0);
    expect(first.room?.seats[0]).toMatchObject({ connected: true });
  });

  it('those without a seat are counted', async () => {
    const { server } = await serve();
    const owner = await Client.greet(server);
    const { roomId } = await owner.create([human, random]);
    const watchers = await Promise.all([1, 2].map(() => Client.greet(server)));
    for (const watcher of watchers) watcher.send({ type: 'join-room', roomId });
    while ((await owner.next('room-watchers')).watchers !== 2);
    watchers[0].socket.close();
    while ((await owner.next('room-watchers')).watchers !== 1);
  });
});

describe('a restart', () => {
  it('keeps rooms, moves, tokens and numbers; an agent goes on thinking, and a move sent again is played once', async () => {
    const { server, agents, folder } = await serve();
    const client = await Client.greet(server);
    const { roomId, tokens } = await client.create([human, random]);
    const seatToken = tokens[0] as string;
    agents.hold();
    const move: ClientMessage = { type: 'move', roomId, seatToken, clientMoveId: 'a', ply: 0, action: 4 };
    client.send(move);
    const accepted = await client.next('move-accepted');
    const seen = await client.until((r) => r.thinking === 1);
    const next = await again(server, folder);
    const back = await Client.greet(next);
    back.room = seen;
    back.send({ type: 'join-room', roomId, seatTokens: [seatToken], since: seen.seq, epoch: seen.epoch });
    const room = await back.until((r) => r.moves.length === 2 && r.seats[0].kind === 'human' && r.seats[0].connected);
    expect([back.gaps, room.moves.map((m) => m.action), room.turn]).toEqual([0, [4, 0], 0]);
    back.send(move);
    expect(await back.next('move-accepted')).toEqual(accepted);
    back.send({ ...move, clientMoveId: 'b', ply: 2, action: 8 });
    await back.until((r) => r.moves.length === 4);
    // Only the hash is on disk, and what is there holds no token in clear.
    expect((await readFile(join(folder, 'rooms', 'data.mdb'))).includes(seatToken)).toBe(false);
  });

  it('forgets nothing of a long game: the last record and the events since', async () => {
    const { server, folder } = await serve({ limits: { eventsKept: 10 } });
    const client = await Client.greet(server);
    const { roomId, tokens } = await client.create([human, human], 'connect4');
    const seatToken = tokens[0] as string;
    const play = async (ply: number, round: number) => {
      client.send({ type: 'move', roomId, seatToken: tokens[ply % 2] as string, clientMoveId: `m${round}-${ply}`, ply, action: (ply + round) % 7 });
      await client.next('move-accepted');
    };
    for (let round = 0; round < 12; round++) {
      for (let ply = round === 0 ? 0 : 3; ply < 6; ply++) await play(ply, round);
      for (let ply = 5; ply >= 3; ply--) {
        client.send({ type: 'takeback', roomId, seatToken });
        await client.until((r) => r.moves.length === ply);
      }
    }
    await play(3, 12);
    const before = client.room;
    const next = await again(server, folder, { limits: { eventsKept: 10 } });
    const back = await Client.greet(next);
    back.send({ type: 'join-room', roomId });
    const { room } = await back.next('room-snapshot');
    expect(room.moves).toEqual(before?.moves);
    expect(room.legal).toEqual(before?.legal);
    expect([room.result, room.epoch]).toEqual([before?.result, before?.epoch]);
  });

  it('a second server on the same folder is refused', async () => {
    const { folder } = await serve();
    await expect(serve({ dataDir: folder })).rejects.toMatchObject({ name: 'UserError', kind: 'environment', message: expect.stringContaining('a server is running there') });
  });

  it('writes a finished game down once, also when it was killed in between', async () => {
    const { server, folder } = await serve();
    const client = await Client.greet(server);
    const { roomId, tokens } = await client.create([human, random]);
    client.send({ type: 'resign', roomId, seatToken: tokens[0] as string });
    await client.until((r) => r.result !== null);
    await again(server, folder);
    const lines = (await readFile(join(folder, 'games.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual([`${roomId}-1`]);
  });
});
