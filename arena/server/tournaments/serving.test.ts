/** The real server, with its reading thread: from a ledger on disk to messages on a socket. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { PROTOCOL, decodeServerMessage, encode, type ClientMessage, type ServerMessage, type ServerMessageOf } from '#arena/protocol';
import { createServer, type Server } from '../index.js';

const dir = mkdtempSync(join(tmpdir(), 'ludus-serving-'));
const ledger = join(dir, 'tournaments', 'two.jsonl');
const header = {
  ludusLedger: 1, version: 'test', created: '2026-01-01T00:00:00.000Z', game: 'tic-tac-toe', hash: 'x',
  plan: { game: { id: 'tic-tac-toe', version: 1 }, format: 'round-robin', players: [{ name: 'ann', agent: 'random' }, { name: 'bob', agent: 'uct:sims=5' }], seed: 1, openings: { plies: [0, 2] }, adjudication: {} },
};
const line = (pair: number, leg: number, score: number) => `${JSON.stringify({ pair, leg, a: 'ann', b: 'bob', opening: { moves: [4] }, moves: [0, 1], score, end: 'crash', fault: { by: score === 1 ? 'b' : 'a', message: 'it fell over' } })}\n`;

let server: Server;
beforeAll(async () => {
  mkdirSync(join(dir, 'tournaments'));
  writeFileSync(join(dir, 'index.html'), '<!doctype html>');
  writeFileSync(ledger, `${JSON.stringify(header)}\n${line(0, 0, 1)}${line(0, 1, 0)}`);
  server = await createServer({ port: 0, dataDir: join(dir, 'run'), workDir: dir, modelsDir: join(dir, 'models'), webRoot: dir, agents: { think: async () => ({ action: 0 }), scores: async () => undefined, close: async () => undefined } });
});
afterAll(async () => {
  await server.close();
  rmSync(dir, { recursive: true, force: true });
});

class Client {
  private readonly socket = new WebSocket(`${server.url.replace('http', 'ws')}/socket`);
  private readonly all: ServerMessage[] = [];
  private wake: () => void = () => {};

  constructor() {
    this.socket.on('message', (data) => {
      this.all.push(decodeServerMessage(new Uint8Array(data as Buffer)));
      this.wake();
    });
  }
  static async open(): Promise<Client> {
    const client = new Client();
    await new Promise((resolve) => client.socket.on('open', resolve));
    client.send({ type: 'hello', protocol: PROTOCOL });
    await client.next('welcome');
    return client;
  }
  send(message: ClientMessage): void {
    this.socket.send(encode(message));
  }
  /** The first that fits; the others stay, since a list and what it lists may come in either order. */
  async next<T extends ServerMessage['type']>(type: T, fits: (message: ServerMessageOf<T>) => boolean = () => true): Promise<ServerMessageOf<T>> {
    for (;;) {
      const at = this.all.findIndex((message) => message.type === type && fits(message as ServerMessageOf<T>));
      if (at >= 0) return this.all.splice(at, 1)[0] as ServerMessageOf<T>;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
  close(): void {
    this.socket.terminate();
  }
}

it('tells of the list, of one tournament as it grows, of its games', async () => {
  const client = await Client.open();
  client.send({ type: 'subscribe', topic: 'tournaments' });
  const { tournaments } = await client.next('tournaments');
  expect(tournaments).toMatchObject([{ name: 'two', game: 'tic-tac-toe', players: 2, games: 2 }]);
  const tournamentId = tournaments[0].id;

  client.send({ type: 'watch-tournament', requestId: 1, tournamentId });
  const { requestId, tournament } = await client.next('tournament');
  expect(requestId).toBe(1);
  expect(tournament).toMatchObject({ pairs: 1, games: 2, faults: [{ player: 'bob', end: 'crash', games: 1 }, { player: 'ann', games: 1, message: 'it fell over' }] });

  // A second watcher is told at once what the first one knows, and both hear of what comes.
  const other = await Client.open();
  other.send({ type: 'watch-tournament', requestId: 9, tournamentId });
  expect((await other.next('tournament')).tournament).toEqual(tournament);
  appendFileSync(ledger, `${line(1, 0, 1)}${line(1, 1, 1)}`);
  for (const watcher of [client, other]) expect((await watcher.next('tournament', (m) => m.tournament.pairs === 2)).requestId).toBeUndefined();
  await client.next('tournaments', (m) => m.tournaments[0].games === 4);

  client.send({ type: 'tournament-games', requestId: 2, tournamentId, players: ['bob', 'ann'], offset: 1 });
  const games = await client.next('tournament-games');
  expect(games).toMatchObject({ requestId: 2, total: 4, offset: 1 });
  expect(games.games.map((game) => [game.game, game.first, game.score])).toEqual([[2, 'ann', 1], [1, 'bob', 1], [0, 'ann', 1]]);
  client.send({ type: 'tournament-game', requestId: 3, tournamentId, game: 3 });
  expect((await client.next('tournament-game')).game).toMatchObject({ first: 'bob', second: 'ann', score: 0, opening: [4], moves: [0, 1], faultBy: 'first', message: 'it fell over' });
  client.close();
  other.close();
});

it('knows nothing but its own list, and goes on', async () => {
  const client = await Client.open();
  const refused: ClientMessage[] = [
    { type: 'watch-tournament', requestId: 4, tournamentId: 'two-00000000' },
    { type: 'tournament-games', requestId: 5, tournamentId: 'nothing', players: [], offset: 0 },
    { type: 'tournament-game', requestId: 6, tournamentId: 'nothing', game: 0 },
  ];
  for (const message of refused) {
    client.send(message);
    expect(await client.next('error')).toMatchObject({ code: 'unknown-tournament', requestId: 'requestId' in message ? message.requestId : undefined });
  }
  client.send({ type: 'tournament-game', requestId: 7, tournamentId: '../run/games', game: 0 });
  expect(await client.next('error')).toMatchObject({ code: 'bad-message' });
  client.close();
});
