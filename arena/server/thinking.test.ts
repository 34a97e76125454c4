/** The whole way: a socket, a room, and agents that really search, in their worker threads (built by `npm test` first). */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { defaultConfig } from '#selfplay';
import { getGame } from '#games';
import { Client, human, serve, tidy } from './testing/client.js';

afterEach(tidy);

it('an agent searches, and the solver judges', async () => {
  const { server } = await serve({ agents: undefined });
  const client = await Client.greet(server);
  // The second player has three in a column: whoever moves must know column 1 (action 0).
  const { roomId } = await client.create([human, { kind: 'agent', agent: 'uct-1000' }], 'connect4', '3141517');
  const room = await client.until((r) => r.moves.length === 1);
  expect(room.moves[0]).toMatchObject({ action: 0, name: '1', seat: 1 });
  expect(room.result).toEqual({ winner: 1, returns: -1, reason: 'normal' });
  client.send({ type: 'analyse', roomId, ply: 0, agent: 'uct-100' });
  const { analysis } = await client.next('analysis');
  expect(analysis).toMatchObject({ turn: 1, agent: 'uct-100', source: 'asked' });
  expect(analysis.simulations).toBeGreaterThan(0);
  expect(analysis.value).toBeGreaterThan(0);
  expect(analysis.exact).toBeGreaterThan(0);
  expect(Math.max(...analysis.actions.map((a) => a.exact ?? -99))).toBe(analysis.actions[0].exact);
});

it('looks inside: hints by the solver, the moves of a finished game by what they were worth', async () => {
  const { server } = await serve({ agents: undefined });
  const client = await Client.greet(server);
  const stranger = await Client.greet(server);
  // Column 3 (action 2) wins at once; after column 2 instead, only column 3 saves the other side (found by the exact solver among random positions).
  const { roomId, tokens } = await client.create([human, human], 'connect4', '2746516212145575');
  const [first, second] = tokens as string[];
  stranger.send({ type: 'join-room', roomId });
  await stranger.next('room-snapshot');

  client.send({ type: 'hint', roomId, seatToken: first, requestId: 5 });
  const hint = await client.next('hint');
  expect(hint).toMatchObject({ requestId: 5, ply: 0, action: 2, name: '3', agentName: 'Perfect play', value: 1 });
  expect(hint.exact).toBeGreaterThan(0);
  expect((await stranger.until((r) => r.hints.length === 1)).hints).toEqual([{ seat: 0, ply: 0 }]);
  expect(stranger.heard.some((message) => message.type === 'hint')).toBe(false);

  const strength = { simulations: 300 };
  client.send({ type: 'review', roomId, agent: 'uct', strength });
  expect((await client.next('error')).code).toBe('not-allowed');
  // Seat 0 misses the win, seat 1 does not stop it, seat 0 wins.
  for (const [ply, action] of [1, 0, 2].entries()) {
    client.send({ type: 'move', roomId, seatToken: ply % 2 === 0 ? first : second, clientMoveId: `m${ply}`, ply, action });
    await client.next('move-accepted');
  }
  stranger.send({ type: 'review', roomId, agent: 'uct', strength, requestId: 9 });
  const moves = [];
  for (;;) {
    const piece = await stranger.next('review');
    expect([piece.requestId, piece.from, piece.total]).toEqual([9, moves.length, 3]);
    moves.push(...piece.moves);
    if (moves.length === piece.total) break;
  }
  expect(moves.map((move) => [move.ply, move.seat, move.name, move.best.name])).toEqual([[0, 0, '2', '3'], [1, 1, '1', '3'], [2, 0, '3', '3']]);
  expect(moves[0].exact).toMatchObject({ actions: [2] });
  expect(moves[0].loss).toBeGreaterThan(0);
  expect((moves[0].exact?.best ?? 0) - (moves[0].exact?.played ?? 0)).toBeGreaterThan(0);
  expect([moves[2].loss, moves[2].after]).toEqual([0, 1]);
});

it('unfolds the tree of an analysis', async () => {
  const { server } = await serve({ agents: undefined });
  const client = await Client.greet(server);
  const { roomId } = await client.create([human, human], 'connect4');
  const strength = { simulations: 300 };
  client.send({ type: 'analyse', roomId, agent: 'uct', strength });
  const { analysis } = await client.next('analysis');
  client.send({ type: 'tree', roomId, agent: 'uct', strength, path: [], levels: 2, requestId: 6 });
  const tree = await client.next('tree');
  expect([tree.requestId, tree.ply, tree.turn, tree.simulations]).toEqual([6, 0, 0, analysis.simulations]);
  const visits = (entry: { action: number; visits: number; value: number | null }) => [entry.action, entry.visits, entry.value];
  expect(tree.nodes.filter((node) => node.parent < 0).map(visits).sort()).toEqual(analysis.actions.map(visits).sort());
  const inner = tree.nodes.findIndex((node) => node.parent < 0 && node.children > 0);
  client.send({ type: 'tree', roomId, agent: 'uct', strength, path: [tree.nodes[inner].action], levels: 1 });
  const below = await client.next('tree');
  expect(below.turn).toBe(1);
  expect(below.nodes.filter((node) => node.visits > 0).map(visits)).toEqual(tree.nodes.filter((node) => node.parent === inner).map(visits));
  client.send({ type: 'tree', roomId, agent: 'uct', strength, path: [0, 0, 0, 0, 0, 0, 0], levels: 1 });
  expect((await client.next('error')).code).toBe('illegal-move');
});

it('lists the runs of the working directory, and their curves', async () => {
  const { server, folder } = await serve();
  const dir = join(folder, 'runs', 'my run');
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'run.json'), JSON.stringify({ format: 1, game: { id: 'connect4', version: 1 }, created: '', sittings: 1, elapsedSeconds: 60, games: 7, positions: 99, steps: 20 }));
  await writeFile(join(dir, 'config.json'), JSON.stringify(defaultConfig(getGame('connect4'))));
  await writeFile(join(dir, 'metrics.jsonl'), `${JSON.stringify({ type: 'evaluation', time: '', step: 20, checkpoint: 'c', summary: '', values: { outcome: 0.9 } })}\n`);
  const client = await Client.greet(server);
  client.send({ type: 'runs', requestId: 1 });
  const { runs } = await client.next('runs');
  expect(runs).toMatchObject([{ name: 'my run', game: 'connect4', live: false, elapsed: 60, games: 7, steps: 20 }]);
  expect(JSON.stringify(runs)).not.toContain(folder);
  client.send({ type: 'run-history', run: runs[0].id });
  const history = await client.next('run-history');
  expect(history.series).toMatchObject([{ name: 'evaluation.outcome', steps: [20], values: [0.9] }]);
  expect(history.settings.find((setting) => setting.name === 'game')?.value).toBe('connect4');
  client.send({ type: 'run-history', run: 'none', requestId: 3 });
  expect(await client.next('error')).toMatchObject({ code: 'unknown-run', requestId: 3 });
});
