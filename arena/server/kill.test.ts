/** Killed with −9 during fifty games, more than once: what was acknowledged is there, and clients go on by themselves (built by `npm test` first). */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRng } from '#engine';
import type { RoomSnapshot } from '#arena/protocol';
import { Client, human, random, tidy } from './testing/client.js';
import { ServerProcess } from './testing/process.js';

const GAMES = 50;
const PLIES = 14;

interface Seat { readonly roomId: string; readonly tokens: readonly (string | null)[] }

const sleep = (millis: number) => new Promise<void>((resolve) => { setTimeout(resolve, millis); });

/** Comes back until it is there, as the page does: with what it has seen last. */
async function comeBack(serving: () => Promise<ServerProcess>, { roomId, tokens }: Seat, seen: RoomSnapshot): Promise<Client> {
  for (;;) {
    const server = await serving();
    try {
      const client = await Client.greet(server, { remember: false });
      client.room = seen;
      client.send({ type: 'join-room', roomId, seatTokens: tokens.filter((token) => token !== null), since: seen.seq, epoch: seen.epoch });
      const here = client.until((room) => room.seq > seen.seq && room.seats.some((seat) => seat.kind === 'human' && seat.connected));
      if ((await Promise.race([here, client.closed.then(() => undefined)])) !== undefined) return client;
    } catch {
      await sleep(50);
    }
  }
}

it('every acknowledged move is there, and every game goes on to its end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ludus-kill-'));
  const limits = { roomsPerAddress: GAMES };
  let server = await ServerProcess.start({ dataDir: folder, limits });
  // The one that runs, or is being started: on a port of its own each time, since another process may have taken the last one.
  let serving = Promise.resolve(server);
  let acknowledged = 0;
  let returns = 0;

  const reached = async (count: number): Promise<void> => {
    if (acknowledged >= count) return;
    await sleep(5);
    return reached(count);
  };

  const begin = async (index: number): Promise<{ client: Client; seat: Seat }> => {
    const client = await Client.greet(server, { remember: false });
    // Every other game is against an agent.
    return { client, seat: await client.create([human, index % 2 === 0 ? human : random], 'connect4') };
  };

  const play = async (begun: Awaited<ReturnType<typeof begin>>, index: number) => {
    const rng = createRng('kill').fork('game', index);
    const { seat } = begun;
    let { client } = begun;
    const played: { ply: number; action: number }[] = [];
    for (let n = 0; ; n++) {
      let room = client.room as RoomSnapshot;
      const lost = client.closed.then(() => undefined);
      const token = () => (room.turn === 0 || room.turn === 1 ? seat.tokens[room.turn] : null);
      while (room.result === null && room.moves.length < PLIES && token() === null) {
        const next = await Promise.race([client.until((r) => r.seq > room.seq), lost]);
        if (next === undefined) {
          returns++;
          client = await comeBack(() => serving, seat, client.room as RoomSnapshot);
        }
        room = client.room as RoomSnapshot;
      }
      if (room.result !== null || room.moves.length >= PLIES) break;
      const ply = room.moves.length;
      const move = { type: 'move', roomId: seat.roomId, seatToken: token() as string, clientMoveId: `g${index}-${n}`, ply, action: room.legal[rng.below(room.legal.length)].action } as const;
      for (;;) {
        client.send(move);
        const answer = await Promise.race([client.answerTo(move.clientMoveId), client.closed.then(() => undefined)]);
        if (answer !== undefined) {
          expect(answer.type).toBe('move-accepted');
          break;
        }
        // Not answered: sent again under the same id, it is played once.
        returns++;
        client = await comeBack(() => serving, seat, client.room as RoomSnapshot);
      }
      // The event comes before the acknowledgment.
      expect((client.room as RoomSnapshot).moves.length).toBeGreaterThan(ply);
      acknowledged++;
      played.push({ ply, action: move.action });
      await sleep(20);
    }
    return { seat, client, played };
  };

  const judge = async ({ seat, client, played }: Awaited<ReturnType<typeof play>>): Promise<void> => {
    expect(client.gaps).toBe(0);
    const watcher = await Client.greet(server);
    watcher.send({ type: 'join-room', roomId: seat.roomId });
    const truth = await watcher.until(() => true);
    for (const { ply, action } of played) expect(truth.moves[ply].action).toBe(action);
    expect(truth.moves.map((move) => move.action)).toEqual((client.room as RoomSnapshot).moves.map((move) => move.action));
    watcher.socket.terminate();
  };

  try {
    const begun = await Promise.all(Array.from({ length: GAMES }, (_, i) => begin(i)));
    const games = Promise.all(begun.map(play));
    for (const after of [60, 250]) {
      await reached(after);
      serving = server.end('SIGKILL').then(() => ServerProcess.start({ dataDir: folder, limits }));
      server = await serving;
    }
    await Promise.all((await games).map(judge));
    expect(returns).toBeGreaterThanOrEqual(GAMES);
    expect(acknowledged).toBeGreaterThan(300);
  } finally {
    await tidy();
    await server.end();
    await rm(folder, { recursive: true, force: true });
  }
}, 900_000);
