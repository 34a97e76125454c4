import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ticTacToe } from '#games';
import type { PlayerAnswer } from '../agents/player.js';
import { RemotePlayer, type RemoteLine } from './player.js';
import type { ToAgent } from './protocol.js';

// Only the timers are driven by hand; performance.now() goes its own way, as it may on a real machine.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const REQUEST = { position: { moves: [] }, seed: 1 };
class Line implements RemoteLine {
  readonly parallel = 1;
  readonly sent: ToAgent[] = [];
  readonly dropped: string[] = [];
  send(message: ToAgent): void {
    this.sent.push(message);
  }
  drop(reason: string): void {
    this.dropped.push(reason);
  }
}

/** The answers so far, once all that can be settled is. */
async function settled(asked: Promise<PlayerAnswer[]>): Promise<PlayerAnswer[] | 'none yet'> {
  await vi.advanceTimersByTimeAsync(0);
  return Promise.race([asked, Promise.resolve('none yet' as const)]);
}

test('away: what is asked waits for the grace and is lost when it ends; what is asked later is lost at once', async () => {
  const player = new RemotePlayer('bob', ticTacToe, 50);
  const line = new Line();
  player.join(line);
  player.leave(line);
  const lost = [{ reason: 'disconnect', message: 'remote:bob left and did not come back' }];
  const during = player.chooseMany([REQUEST]);
  await vi.advanceTimersByTimeAsync(49);
  expect(await settled(during)).toBe('none yet');
  await vi.advanceTimersByTimeAsync(1);
  expect(await settled(during)).toEqual(lost);
  expect(await settled(player.chooseMany([REQUEST]))).toEqual(lost);
});

test('back within the grace: what was asked is asked again, and no grace runs on', async () => {
  const player = new RemotePlayer('bob', ticTacToe, 50);
  const before = new Line();
  player.join(before);
  const asked = player.chooseMany([REQUEST]);
  player.leave(before);
  await vi.advanceTimersByTimeAsync(49);
  const line = new Line();
  player.join(line);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await settled(asked)).toBe('none yet');
  expect(line.sent).toMatchObject([{ type: 'ask', id: 1 }]);
  player.hear(line, { type: 'move', id: 1, action: 4 });
  expect(await settled(asked)).toEqual([{ action: 4 }]);
});

test('back after the grace: what is asked from then on is asked', async () => {
  const player = new RemotePlayer('bob', ticTacToe, 50);
  const before = new Line();
  player.join(before);
  player.leave(before);
  await vi.advanceTimersByTimeAsync(50);
  const line = new Line();
  player.join(line);
  const asked = player.chooseMany([REQUEST]);
  player.hear(line, { type: 'move', id: 1, action: 0 });
  expect(await settled(asked)).toEqual([{ action: 0 }]);
});

test('an agent that has left holds up nobody who asks for it: what it is asked is lost', async () => {
  const player = new RemotePlayer('bob', ticTacToe, 50);
  let joined = false;
  const waiting = player.whenJoined().then(() => (joined = true));
  await vi.advanceTimersByTimeAsync(0);
  expect(joined).toBe(false);
  const line = new Line();
  player.join(line);
  await waiting;
  player.leave(line);
  await vi.advanceTimersByTimeAsync(50);
  joined = false;
  // As another lane of the tournament does, which needs it for the first time.
  void player.whenJoined().then(() => (joined = true));
  await vi.advanceTimersByTimeAsync(0);
  expect(joined).toBe(true);
  expect(await settled(player.chooseMany([REQUEST]))).toMatchObject([{ reason: 'disconnect' }]);
});
