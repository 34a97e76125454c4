/** The agent that plays by a learned model: from checkpoints as a run writes them, here of networks that have learnt nothing. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '#engine';
import { createAgent } from './create.js';
import { getGame, ticTacToe } from '#games';
import { createTaskTraining } from '#selfplay/tasks';
import { replay } from '../position.js';

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ludus-mz-'));
  const small = ['environments=4', 'search.simulations=2', 'model.width=8', 'model.hidden=16', 'learner.batch=8', 'learner.warmup=40', 'learner.framesPerStep=8', 'replay.capacity=400'];
  for (const [run, game, algorithm, overrides] of [['mz', 'tic-tac-toe', 'gumbel-muzero', small], ['table', 'cliff-walking', 'qlearning', []], ['ppo', 'cartpole', 'ppo', ['environments=4', 'steps=16', 'minibatches=2', 'network.hidden=8']]] as const) {
    const training = await createTaskTraining({ runDir: join(folder, run), game, algorithm, overrides: [...overrides] });
    await training.run({ frames: 200 });
    await training.stop();
  }
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const request = (moves: readonly number[] = [], seed = 1) => ({ state: replay(ticTacToe, { moves: [...moves] }), rng: createRng(seed) });
const open = (options: string) => createAgent(`mz:"${join(folder, 'mz')}"${options}`, ticTacToe);

describe('mz:', () => {
  it.each(['', ',search=puct', ',sims=1', ',temperature=1', ',sims=0,temperature=1'])('%s plays legal moves, many at once as one by one', async (options) => {
    const agent = await open(options);
    const positions = [[], [4], [4, 0], [0, 1, 2, 3, 4, 5, 7]];
    const many = await agent.chooseMany(positions.map((moves, i) => request(moves, i)));
    for (const [i, moves] of positions.entries()) {
      expect(moves).not.toContain(many[i].action);
      expect(await agent.choose(request(moves, i))).toBe(many[i].action);
      expect(Math.abs(many[i].value ?? 2)).toBeLessThanOrEqual(1 + 1e-6);
    }
    await agent.close();
  });

  it('dreams of the moves that were played, beside what came', async () => {
    const agent = await open('');
    const moves = [4, 0, 2, 6, 3, 5, 8, 1];
    const dream = await agent.dream!(request(moves.slice(0, 3)).state, [...moves.slice(3), 7]);
    expect(dream.steps.map((step) => step.action)).toEqual([6, 3, 5, 8, 1, 7]);
    // Seat 1 dreams, and it is a draw: no reward, and nothing left at the end. In between the values of what is seen, turned to seat 1's view.
    expect(dream.steps.map((step) => Math.abs(step.realReward))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(dream.steps.at(-1)?.seenValue).toBe(0);
    const raw = async (some: readonly number[]) => (await agent.analyse(request(some))).networkValue ?? NaN;
    expect(dream.value).toBeCloseTo(await raw(moves.slice(0, 3)), 6);
    expect(dream.steps[0].seenValue).toBeCloseTo(-(await raw(moves.slice(0, 4))), 6);
    expect(dream.steps[1].seenValue).toBeCloseTo(await raw(moves.slice(0, 5)), 6);
    // A longer dream begins as a shorter one does.
    const short = await agent.dream!(request(moves.slice(0, 3)).state, moves.slice(3, 5));
    expect(short.steps).toEqual(dream.steps.slice(0, 2));
    // Seat 0 wins by its fourth move, after which nothing is dreamt.
    const won = await agent.dream!(request([0, 3]).state, [1, 4, 2, 8]);
    expect(won.steps.map((step) => [step.realReward, step.seenValue === 0])).toEqual([[0, false], [0, false], [1, true]]);
    await agent.close();
  });

  it('without simulations is its raw policy', async () => {
    const [agent, raw] = [await open(',sims=0'), await createAgent(`policy:"${join(folder, 'mz')}"`, ticTacToe)];
    for (const moves of [[], [4], [0, 8], [2, 4, 6]]) {
      expect(await agent.choose(request(moves))).toBe(await raw.choose(request(moves)));
      const [mine, other] = [await agent.analyse(request(moves)), await raw.analyse(request(moves))];
      expect(mine.simulations).toBe(0);
      for (const [i, { prior, visits }] of mine.actions.entries()) {
        expect(visits).toBe(0);
        expect(prior).toBeCloseTo(other.actions[i].prior, 5);
      }
    }
    await Promise.all([agent.close(), raw.close()]);
  });

  it('shows what its search found, and lines only as far as the rules allow', async () => {
    const agent = await open(',sims=30');
    // One cell is left: whatever the model dreams beyond it is no line.
    const last = await agent.analyse(request([0, 1, 2, 4, 3, 5, 7, 6]));
    expect(last.principalVariation).toEqual([8]);
    const analysis = await agent.analyse(request([4]));
    expect(analysis.actions.reduce((sum, a) => sum + a.visits, 0)).toBe(30);
    expect(analysis.actions.reduce((sum, a) => sum + a.prior, 0)).toBeCloseTo(1, 5);
    expect(analysis.networkValue).toBeTypeOf('number');
    expect(analysis.principalVariation[0]).toBe(analysis.action);
    expect(new Set([4, ...analysis.principalVariation]).size).toBe(1 + analysis.principalVariation.length);
    await agent.close();
  });

  it.each<[run: string, game: string, message: RegExp]>([
    ['table', 'cliff-walking', /holds no learned model: mz: plays what --algo muzero or gumbel-muzero trained; for others there are az: and policy:/],
    ['ppo', 'cartpole', /holds no learned model: mz: plays what --algo muzero/],
    ['mz', 'connect4', /plays tic-tac-toe, not connect4/],
    ['none', 'tic-tac-toe', /no model at/],
  ])('refuses the run %s for %s', async (run, game, message) => {
    const { loadGame } = await import('#games');
    await expect(createAgent(`mz:"${join(folder, run)}"`, await loadGame(game))).rejects.toThrow(message);
  });

  it('refuses a checkpoint whose file is damaged', async () => {
    const checkpoints = join(folder, 'mz', 'checkpoints');
    const first = join(checkpoints, readdirSync(checkpoints).sort()[0]);
    writeFileSync(join(first, 'planner.json'), '{}');
    await expect(createAgent(`mz:"${first}"`, getGame('tic-tac-toe'))).rejects.toThrow(/planner.json/);
  });
});

it('a run of MuZero is gone on with by MuZero only', async () => {
  await expect(createTaskTraining({ runDir: join(folder, 'mz'), game: 'tic-tac-toe', algorithm: 'muzero' })).rejects.toThrow(/is a run of gumbel-muzero, not of muzero; go on with --algo gumbel-muzero/);
  await expect(createTaskTraining({ runDir: join(folder, 'mz'), game: 'connect4', algorithm: 'gumbel-muzero' })).rejects.toThrow(/is a run of tic-tac-toe version 1, not of connect4/);
});
