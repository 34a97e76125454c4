/**
 * The random walk over 19 positions (Sutton and Barto 2018, example 7.1): a task of prediction. There is nothing to
 * decide, so it has one action; what is learned is the value of each position, (i - 10) / 10.
 */
import { tabularGame } from './tabular.js';
import type { TabularGame, TabularOutcome } from './tabular.js';

const POSITIONS = 19;
/** Index of the end on the right; 0 is that on the left. */
const RIGHT_END = POSITIONS + 1;

function outcomes(index: number): TabularOutcome[] {
  if (index === 0 || index === RIGHT_END) return [];
  return [
    { probability: 0.5, next: index - 1, reward: index === 1 ? -1 : 0, terminated: index === 1 },
    { probability: 0.5, next: index + 1, reward: index === POSITIONS ? 1 : 0, terminated: index + 1 === RIGHT_END },
  ];
}

export const randomWalk: TabularGame = tabularGame({
  id: 'random-walk',
  name: 'Random walk',
  version: 1,
  actions: ['step'],
  // 100 steps on average, and one walk in more than 10^50 is longer than this.
  limit: 10_000,
  model: { states: RIGHT_END + 1, actions: 1, start: 10, outcomes: Array.from({ length: RIGHT_END + 1 }, (_, index) => outcomes(index)) },
  size: [1, RIGHT_END + 1],
  render: (state) => Array.from({ length: RIGHT_END + 1 }, (_, i) => (i === state.index ? '@' : i === 0 || i === RIGHT_END ? '|' : '.')).join(' '),
});
