/** The commands around tasks, as they are typed. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'ludus-cli-tasks-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function ludus(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { cwd: folder, encoding: 'utf8' }, (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err }));
  });
}
const json = (text: string): Record<string, unknown> => JSON.parse(text.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;

describe('a task from training to evaluation', () => {
  it('train, go on, eval', async () => {
    const args = ['train', 'cliff-walking', '--algo', 'qlearning', '--frames', '30000', '--json'];
    const first = json((await ludus(...args)).out);
    expect(first).toMatchObject({ game: 'cliff-walking', algorithm: 'qlearning', interrupted: false });
    const again = json((await ludus(...args)).out);
    expect(again).toMatchObject({ frames: first.frames, episodes: first.episodes });
    // Greedy play knows the shortest way along the cliff.
    const score = json((await ludus('eval', 'cliff-walking', '--agent', 'policy:runs/cliff-walking-qlearning', '--episodes', '5', '--json')).out);
    expect(score).toMatchObject({ mean: -13, standardError: 0, min: -13, max: -13, length: 13 });
    const wrong = await ludus('eval', 'grid-world', '--agent', 'policy:runs/cliff-walking-qlearning', '--episodes', '5');
    expect(wrong).toMatchObject({ code: 3, err: expect.stringContaining('has learnt cliff-walking version 1, not grid-world') });
  });

  it('sweep: several seeds, one mean, a curve', async () => {
    const result = json((await ludus('sweep', 'grid-world', '--algo', 'qlearning', '--seeds', '2', '--frames', '5000', '--out', 'several', '--episodes', '5', '--json')).out);
    expect(result).toMatchObject({ game: 'grid-world', algorithm: 'qlearning', frames: 5000, seeds: [{ seed: 1 }, { seed: 2, greedy: { mean: 5, standardError: 0 } }] });
    const { mean, standardError, seeds } = result as unknown as { mean: number; standardError: number; seeds: { meanReturn: number }[] };
    expect(mean).toBeCloseTo((seeds[0].meanReturn + seeds[1].meanReturn) / 2, 9);
    expect(standardError).toBeCloseTo(Math.abs(seeds[0].meanReturn - seeds[1].meanReturn) / 2, 9);
    expect(readFileSync(join(folder, 'several/sweep.svg'), 'utf8')).toContain('Grid world, qlearning');
    expect(existsSync(join(folder, 'several/seed-2/run.json'))).toBe(true);
  });
});

it('MuZero: train, inspect', async () => {
  const settings = ['environments=4', 'search.simulations=2', 'model.width=8', 'model.hidden=16', 'learner.batch=8', 'learner.warmup=40', 'learner.framesPerStep=8', 'replay.capacity=400'];
  const trained = json((await ludus('train', 'tic-tac-toe', '--algo', 'gumbel-muzero', '--frames', '200', '--run', 'mz', ...settings.flatMap((setting) => ['--set', setting]), '--json')).out);
  expect(trained).toMatchObject({ game: 'tic-tac-toe', algorithm: 'gumbel-muzero', frames: 200 });
  const args = ['inspect', 'tic-tac-toe', '--agent', 'mz:mz,sims=8', '--episodes', '2', '--steps', '3'];
  const result = json((await ludus(...args, '--json')).out) as { first: { ply: number; actions: { visits: number }[]; dream: unknown[] }[]; dreams: { step: number }[]; episodes: number };
  expect(result.episodes).toBe(2);
  expect(result.dreams.map(({ step }) => step)).toEqual([1, 2, 3]);
  expect(result.first[0].actions.reduce((sum, { visits }) => sum + visits, 0)).toBe(8);
  expect(result.first[0].dream).toHaveLength(3);
  // For people: the table of dreams, and the position asked for.
  const { out } = await ludus(...args, '--ply', '2');
  expect(out).toMatch(/step +dreams +real reward +dreamt/);
  expect(out).toMatch(/First episode, ply 2, seat 0 to move: network's value/);
  expect(await ludus('inspect', 'tic-tac-toe', '--agent', 'az:mz')).toMatchObject({ code: 2, err: expect.stringContaining('only a learned model can be inspected: --agent mz:PATH') });
  expect(await ludus('inspect', 'connect4', '--agent', 'mz:mz')).toMatchObject({ code: 3, err: expect.stringContaining('plays tic-tac-toe, not connect4') });
});

it('MuZero in a task: train, eval with the search and without', async () => {
  const settings = ['environments=4', 'search.simulations=2', 'model.width=8', 'model.hidden=16', 'learner.batch=8', 'learner.tdSteps=4', 'learner.warmup=40', 'learner.framesPerStep=16', 'replay.capacity=400'];
  await ludus('train', 'cartpole', '--algo', 'gumbel-muzero', '--frames', '200', '--run', 'pole', ...settings.flatMap((setting) => ['--set', setting]), '--json');
  for (const sims of [0, 4]) {
    const score = json((await ludus('eval', 'cartpole', '--agent', `mz:pole,sims=${sims}`, '--episodes', '3', '--json')).out) as { mean: number; episodes: number; steps: number };
    expect(score.episodes).toBe(3);
    // Every step of an episode is worth 1.
    expect(score.mean).toBeCloseTo(score.steps / 3, 9);
  }
  expect(await ludus('eval', 'breakout', '--agent', 'mz:pole')).toMatchObject({ code: 3, err: expect.stringContaining('plays cartpole, not breakout') });
});

it.each<[string, string[], number, RegExp]>([
  ['AlphaZero on hidden draws', ['train', 'breakout', '--algo', 'alphazero'], 2, /Breakout cannot be learnt by AlphaZero.*These learn it: .*ppo/],
  ['tables on pixels', ['train', 'breakout', '--algo', 'qlearning'], 2, /qlearning cannot learn Breakout: .*These can: ppo/],
  ['PPO on a game for two', ['train', 'connect4', '--algo', 'ppo'], 2, /ppo cannot learn Connect Four: .*alphazero/],
  ['an algorithm that is none', ['train', 'breakout', '--algo', 'popo'], 2, /unknown algorithm 'popo'; did you mean 'ppo'/],
  ['a search in a task', ['eval', 'breakout', '--agent', 'uct:sims=10'], 2, /tasks know random, policy:PATH and mz:PATH/],
  ['frames in self-play', ['train', 'tic-tac-toe', '--frames', '100'], 2, /--frames is for tasks/],
  ['no positions for a game of two', ['eval', 'chess', '--agent', 'random'], 2, /--positions FILE is missing/],
])('%s: refused at once, with what would work', async (_what, args, code, words) => {
  const result = await ludus(...args);
  expect(result.err).toMatch(words);
  expect(result.code).toBe(code);
});
