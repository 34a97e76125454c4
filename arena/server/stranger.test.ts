/** Somebody who knows a room's id and holds no seat of it, with every kind of message that there is. */
import { afterEach, expect, it } from 'vitest';
import { clientMessageTypes, type ClientMessage, type ClientMessageOf } from '#arena/protocol';
import { Client, human, open, serve, tidy } from './testing/client.js';

afterEach(tidy);

/** One of each kind; the compiler asks for those that come to be. */
function samples(roomId: string, seatToken: string): { [K in ClientMessage['type']]: ClientMessageOf<K>[] } {
  const seated = { roomId, seatToken };
  return {
    hello: [{ type: 'hello', protocol: 0 }],
    subscribe: [{ type: 'subscribe', topic: 'rooms' }, { type: 'subscribe', topic: 'tournaments' }],
    unsubscribe: [{ type: 'unsubscribe', topic: 'rooms' }],
    'create-room': [{ type: 'create-room', game: 'tic-tac-toe', seats: [human, human] }],
    'join-room': [{ type: 'join-room', roomId }, { type: 'join-room', roomId, since: 0 }, { type: 'join-room', roomId, seatTokens: [seatToken] }],
    'take-seat': [{ type: 'take-seat', roomId, seat: 0 }, { type: 'take-seat', roomId, seat: 1, name: 'Me' }],
    move: [{ type: 'move', ...seated, clientMoveId: 'x', ply: 2, action: 8 }, { type: 'move', ...seated, clientMoveId: 'a', ply: 0, action: 4 }],
    takeback: [{ type: 'takeback', ...seated }],
    'offer-draw': [{ type: 'offer-draw', ...seated }],
    'answer-offer': [{ type: 'answer-offer', ...seated, kind: 'takeback', accept: true }, { type: 'answer-offer', ...seated, kind: 'takeback', accept: false }],
    resign: [{ type: 'resign', ...seated }],
    'new-game': [{ type: 'new-game', ...seated, swap: true }],
    'set-agent': [{ type: 'set-agent', ...seated, seat: 1, agent: 'random' }],
    hint: [{ type: 'hint', ...seated }],
    analyse: [{ type: 'analyse', roomId, agent: 'random' }],
    tree: [{ type: 'tree', roomId, agent: 'uct', path: [], levels: 1 }],
    review: [{ type: 'review', roomId, agent: 'random' }],
    dream: [{ type: 'dream', roomId, ply: 0, agent: 'random' }],
    cancel: [{ type: 'cancel' }],
    runs: [{ type: 'runs' }],
    diagnose: [{ type: 'diagnose' }],
    'run-history': [{ type: 'run-history', run: 'x' }],
    'watch-tournament': [{ type: 'watch-tournament', tournamentId: 'x' }],
    'tournament-games': [{ type: 'tournament-games', tournamentId: 'x', players: [], offset: 0 }],
    'tournament-game': [{ type: 'tournament-game', tournamentId: 'x', game: 0 }],
    'training-control': [{ type: 'training-control', command: 'pause' }],
    'leave-room': [{ type: 'leave-room', roomId }],
  };
}

it('cannot move, see a token, take the seat or change anything, by any kind of message', async () => {
  const { server } = await serve({ limits: { messageBurst: 1000 } });
  const owner = await Client.greet(server);
  const { roomId, tokens } = await owner.create([human, open]);
  const guest = await Client.greet(server);
  guest.send({ type: 'take-seat', roomId, seat: 1 });
  const { seatToken: second } = await guest.next('seat-taken');
  await owner.until((r) => r.seats[1].kind === 'human' && r.seats[1].connected);
  const first = tokens[0] as string;
  for (const [ply, seatToken] of [first, second].entries()) {
    owner.send({ type: 'join-room', roomId, seatTokens: [seatToken] });
    owner.send({ type: 'move', roomId, seatToken, clientMoveId: 'a', ply, action: ply === 0 ? 4 : 0 });
    await owner.next('move-accepted');
  }
  owner.send({ type: 'takeback', roomId, seatToken: second });
  const before = await owner.until((r) => r.offers.length === 1);

  // Tokens that are none, that are nearly one, and one that holds a seat of another room.
  const other = await Client.greet(server);
  const elsewhere = await other.create([human, human]);
  const last = first.at(-1) === 'A' ? 'B' : 'A';
  const kinds: string[] = [];
  for (const seatToken of ['A'.repeat(32), first.slice(0, -1) + last, elsewhere.tokens[0] as string]) {
    const stranger = await Client.greet(server);
    for (const list of Object.values(samples(roomId, seatToken))) {
      for (const message of list) {
        stranger.send(message);
        kinds.push(message.type);
        if (message.type !== 'hello') continue;
        // Another protocol: said, and closed. The rest goes over a new connection.
        expect(await stranger.next('error')).toMatchObject({ code: 'unsupported-protocol' });
      }
    }
    const watcher = await Client.greet(server);
    for (const [kind, list] of Object.entries(samples(roomId, seatToken))) if (kind !== 'hello') for (const message of list) watcher.send(message);
    // Answers come in order: this one is behind all of them.
    watcher.send({ type: 'join-room', roomId, requestId: 77 });
    let answer = await watcher.next('room-snapshot');
    while (answer.requestId !== 77) answer = await watcher.next('room-snapshot');
    expect(answer.room).toEqual(before);
    const heard = JSON.stringify([...stranger.heard, ...watcher.heard]);
    for (const secret of [first, second]) expect(heard).not.toContain(secret);
    const forged = watcher.heard.filter((message) => message.type === 'error' || message.type === 'move-rejected').map((message) => message.code);
    expect(forged.filter((code) => code === 'not-your-seat').length).toBeGreaterThanOrEqual(11);
    expect(watcher.heard.some((message) => message.type === 'seat-taken' || message.type === 'move-accepted')).toBe(false);
  }
  expect(new Set(kinds)).toEqual(new Set(clientMessageTypes));
  // And the game goes on.
  owner.send({ type: 'answer-offer', roomId, seatToken: first, kind: 'takeback', accept: false });
  owner.send({ type: 'move', roomId, seatToken: first, clientMoveId: 'b', ply: 2, action: 8 });
  expect((await owner.until((r) => r.moves.length === 3)).moves.at(-1)?.action).toBe(8);
});

it('the tokens themselves are refused from any other socket than the one that holds the seat', async () => {
  const { server } = await serve();
  const owner = await Client.greet(server);
  const { roomId, tokens } = await owner.create([human, human]);
  const replayer = await Client.greet(server);
  for (const message of [
    { type: 'move', roomId, seatToken: tokens[0] as string, clientMoveId: 'a', ply: 0, action: 4 },
    { type: 'resign', roomId, seatToken: tokens[0] as string },
  ] as const) {
    replayer.send(message);
    const answer = message.type === 'move' ? await replayer.next('move-rejected') : await replayer.next('error');
    expect(answer.code).toBe('elsewhere');
  }
  expect(owner.room?.moves).toEqual([]);
});
