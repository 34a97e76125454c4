/** A hundred thousand messages of those who mean no good, against a server in a process of its own (built by `npm test` first). */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRng, type Rng } from '#engine';
import { CLOSE, MAX_CLIENT_BYTES, encode, type ClientMessage } from '#arena/protocol';
import { Client, human, tidy } from './testing/client.js';
import { ServerProcess } from './testing/process.js';

const MESSAGES = 100_000;
const PER_CONNECTION = 500;

it('random bytes, mutated messages, floods, oversize, wrong seats, replays: no crash, no change, no growth, each closed with its code', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ludus-hostile-'));
  // However slowly a busy machine lets the messages through, they are too many; and nobody is cut off before it has read why.
  const server = await ServerProcess.start({ dataDir: folder, limits: { messagesPerSecond: 2, goodbyeMillis: 850_000 } });
  try {
    const owner = await Client.greet(server);
    const { roomId, tokens } = await owner.create([human, human], 'connect4');
    const own: ClientMessage[] = [3, 3, 2].map((action, ply) => ({ type: 'move', roomId, seatToken: tokens[ply % 2] as string, clientMoveId: `m${ply}`, ply, action }));
    for (const move of own) owner.send(move);
    const before = await owner.until((room) => room.moves.length === own.length);

    const strange = { roomId, seatToken: 'S'.repeat(32) };
    const wrongSeat: ClientMessage[] = [
      { type: 'move', ...strange, clientMoveId: 'x', ply: 3, action: 0 }, { type: 'resign', ...strange }, { type: 'takeback', ...strange },
      { type: 'new-game', ...strange }, { type: 'offer-draw', ...strange }, { type: 'join-room', roomId, seatTokens: [strange.seatToken] }, { type: 'take-seat', roomId, seat: 1 },
    ];
    const valid: ClientMessage[] = [...wrongSeat, { type: 'join-room', roomId }, { type: 'subscribe', topic: 'rooms' }, { type: 'leave-room', roomId }, { type: 'analyse', roomId, agent: 'random' }, { type: 'cancel' }];
    const encoded = valid.map((message) => encode(message));
    const forged = wrongSeat.map((message) => encode(message));
    // Recorded from the owner's wire, and sent by somebody else: the seat is the owner's socket's.
    const recorded = own.map((message) => encode(message));
    const random = (rng: Rng) => Uint8Array.from({ length: 1 + rng.below(48) }, () => rng.below(256));
    const mutated = (rng: Rng) => {
      const bytes = encoded[rng.below(encoded.length)].slice();
      for (let k = 1 + rng.below(3); k > 0; k--) bytes[rng.below(bytes.length)] = rng.below(256);
      return bytes;
    };
    const ways: { readonly name: string; readonly message: (rng: Rng) => Uint8Array | string; readonly codes: readonly number[] }[] = [
      { name: 'random bytes', message: random, codes: [CLOSE.badMessage] },
      { name: 'mutated messages', message: mutated, codes: [CLOSE.badMessage, CLOSE.tooMany] },
      { name: 'a flood', message: () => encoded[encoded.length - 1], codes: [CLOSE.tooMany] },
      { name: 'text', message: () => '{"type":"hello"}', codes: [CLOSE.badMessage] },
      { name: 'wrong seats', message: (rng) => forged[rng.below(forged.length)], codes: [CLOSE.tooMany] },
      { name: 'replays', message: (rng) => recorded[rng.below(recorded.length)], codes: [CLOSE.tooMany] },
    ];
    const total = { sent: 0, attacks: 0 };
    const attack = async (way: (typeof ways)[number]) => {
      // Of its own, so that what each sends does not depend on who is quicker.
      const rng = createRng('hostile').fork('attack', total.attacks++);
      const offender = await Client.greet(server, { remember: false });
      for (let i = 0; i < PER_CONNECTION; i++) offender.socket.send(way.message(rng));
      total.sent += PER_CONNECTION;
      expect(way.codes, way.name).toContain(await offender.closed);
    };
    const round = async (until: number) => {
      while (total.sent < until) await Promise.all([...ways, ...ways].map(attack));
    };
    const oversize = await Client.greet(server);
    oversize.socket.send(new Uint8Array(MAX_CLIENT_BYTES + 1));
    expect(await oversize.closed).toBe(1009);

    await round(MESSAGES / 2);
    const early = await server.memory();
    await round(MESSAGES);
    expect(total.sent).toBeGreaterThanOrEqual(MESSAGES);
    // What is only not yet swept goes; what is held stays.
    await expect.poll(async () => (await server.memory()).heap - early.heap, { interval: 500 }).toBeLessThan(4e6);

    // The owner replays its own moves: the same answers, nothing played; and goes on.
    for (const [i, move] of own.entries()) {
      owner.send(move);
      expect((await owner.answerTo(`m${i}`)).type).toBe('move-accepted');
    }
    expect(owner.room).toEqual(before);
    expect(owner.gaps).toBe(0);
    owner.send({ type: 'move', roomId, seatToken: tokens[1] as string, clientMoveId: 'on', ply: 3, action: 4 });
    await owner.until((room) => room.moves.length === 4);
    expect(server.child.exitCode).toBeNull();
  } finally {
    await tidy();
    await server.end();
    await rm(folder, { recursive: true, force: true });
  }
}, 900_000);
