/** An agent keeps nothing between moves: what it plays does not depend on which positions it was asked about before. */
import { expect, test } from 'vitest';
import { type State, createRng } from '#engine';
import { ticTacToe } from '#games';
import { createAgent } from './create.js';

/** Positions after a few random moves. */
function positions(count: number): State[] {
  const rng = createRng(3);
  const legal = new Int32Array(ticTacToe.actionCount);
  return Array.from({ length: count }, () => {
    const state: State = ticTacToe.start(rng);
    for (let ply = rng.below(5); ply > 0; ply--) state.apply(legal[rng.below(state.legal(legal))], rng);
    return state;
  });
}

test('alpha-beta of a given depth: the same moves and values in any order of questions', async () => {
  const all = positions(200);
  const answers = async (order: readonly number[]): Promise<unknown[]> => {
    const agent = await createAgent('alphabeta:depth=3', ticTacToe);
    const out: unknown[] = [];
    for (const i of order) out[i] = (await agent.chooseMany([{ state: all[i], rng: createRng(i) }]))[0];
    return out;
  };
  const forwards = all.map((_, i) => i);
  expect(await answers(forwards.toReversed())).toEqual(await answers(forwards));
});
