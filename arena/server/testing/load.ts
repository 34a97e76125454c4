/** Many who watch many games: every client checks that it gets every event, in order, and players measure how soon a move is acknowledged. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { createRng, type Rng } from '#engine';
import { Client, human } from './client.js';
import { ServerProcess } from './process.js';

export interface LoadOptions {
  readonly game: string;
  readonly games: number;
  /** In all; one of each game plays for both sides, the others watch. */
  readonly connections: number;
  /** In each game. */
  readonly movesPerSecond: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly moves: number;
  /** Milliseconds from sending a move to its acknowledgment. */
  readonly acknowledgment: { readonly p50: number; readonly p99: number; readonly most: number };
  /** Events that were told, over all clients; those that were missing or out of order; clients whose room was not the server's at the end. */
  readonly eventsTold: number;
  readonly gaps: number;
  readonly differing: number;
  readonly refused: number;
  /** Megabytes held after a garbage collection, and of the process: after a quarter of the time, and at the end. */
  readonly heap: { readonly early: number; readonly late: number };
  readonly resident: { readonly early: number; readonly late: number };
}

interface Table {
  readonly roomId: string;
  readonly player: Client;
  readonly tokens: readonly string[];
  readonly watchers: Client[];
  readonly rng: Rng;
}

/** For the last events to reach a client before its room is compared with the server's. */
const PATIENCE = 60_000;

const sleep = (millis: number) => new Promise<void>((resolve) => { setTimeout(resolve, millis); });
const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10;

export async function runLoad({ game, games, connections, movesPerSecond, seconds }: LoadOptions): Promise<LoadResult> {
  const folder = await mkdtemp(join(tmpdir(), 'ludus-load-'));
  const server = await ServerProcess.start({ dataDir: folder, limits: { connectionsPerAddress: connections + games, roomsPerAddress: games } });
  const clients: Client[] = [];
  const connect = async () => {
    const client = await Client.greet(server, { remember: false });
    clients.push(client);
    return client;
  };
  try {
    const tables = await Promise.all(Array.from({ length: games }, async (_, i): Promise<Table> => {
      const player = await connect();
      const { roomId, tokens } = await player.create([human, human], game);
      return { roomId, player, tokens: tokens as string[], watchers: [], rng: createRng('load').fork('table', i) };
    }));
    await Promise.all(Array.from({ length: connections - games }, async (_, i) => {
      const { roomId, watchers } = tables[i % games];
      const watcher = await connect();
      watcher.send({ type: 'join-room', roomId });
      await watcher.until(() => true);
      watchers.push(watcher);
    }));
    const latencies: number[] = [];
    let refused = 0;
    const period = 1000 / movesPerSecond;
    const end = performance.now() + seconds * 1000;
    const play = async ({ roomId, player, tokens, rng }: Table, index: number): Promise<void> => {
      // The games move at different moments, as people would.
      let at = performance.now() + (index * period) / games;
      for (let n = 0; at < end; n++, at += period) {
        await sleep(Math.max(0, at - performance.now()));
        const room = player.room;
        if (room === undefined) throw new Error('a player without a room');
        if (room.result !== null) {
          player.send({ type: 'new-game', roomId, seatToken: tokens[0] });
          await player.until((r) => r.gameNumber > room.gameNumber);
          continue;
        }
        const { action } = room.legal[rng.below(room.legal.length)];
        const sent = performance.now();
        player.send({ type: 'move', roomId, seatToken: tokens[room.turn], clientMoveId: `m${n}`, ply: room.moves.length, action });
        const answer = await player.answerTo(`m${n}`);
        latencies.push(performance.now() - sent);
        if (answer.type === 'move-rejected') refused++;
      }
    };
    const playing = Promise.all(tables.map(play));
    await sleep((seconds * 1000) / 4);
    const early = await server.memory();
    await playing;
    let differing = 0;
    await Promise.all(tables.map(async ({ roomId, player, watchers }) => {
      const judge = await Client.greet(server, { remember: false });
      judge.send({ type: 'join-room', roomId });
      const truth = await judge.until(() => true);
      for (const client of [player, ...watchers]) {
        let late: NodeJS.Timeout | undefined;
        const patience = new Promise<void>((resolve) => (late = setTimeout(resolve, PATIENCE)));
        await Promise.race([client.until((room) => room.seq >= truth.seq), patience]);
        clearTimeout(late);
        if (!isDeepStrictEqual(client.room, truth)) differing++;
      }
      judge.socket.terminate();
    }));
    const late = await server.memory();
    latencies.sort((a, b) => a - b);
    const quantile = (q: number) => Math.round(100 * (latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))] ?? 0)) / 100;
    return {
      moves: latencies.length, acknowledgment: { p50: quantile(0.5), p99: quantile(0.99), most: quantile(1) },
      eventsTold: clients.reduce((sum, client) => sum + client.events, 0), gaps: clients.reduce((sum, client) => sum + client.gaps, 0), differing, refused,
      heap: { early: megabytes(early.heap), late: megabytes(late.heap) }, resident: { early: megabytes(early.resident), late: megabytes(late.resident) },
    };
  } finally {
    for (const client of clients) client.socket.terminate();
    await server.end();
    await rm(folder, { recursive: true, force: true });
  }
}
