/** MuZero and Gumbel MuZero: planning in a learned model. */
import { OVER, createRng, type State } from '#engine';
import type { Algorithm, LearnerConfig, Task } from '../types.js';
import { muzeroDefaults, muzeroSchema, type MuZeroSettings } from './config.js';
import type { SearchKind } from './learner.js';

/** A latent has no turn: seats must alternate. Found out by playing a few games at random. */
function alternates(task: Task): boolean {
  const { game } = task;
  if (game === undefined || game.seats === 1) return true;
  if (game.chance !== 'none') return false;
  const rng = createRng('does it alternate?');
  const legal = new Int32Array(game.actionCount);
  for (let n = 0; n < 20; n++) {
    const state: State = game.start(rng);
    for (let before = state.turn; state.turn !== OVER; before = state.turn) {
      state.apply(legal[rng.below(state.legal(legal))], rng);
      if (state.turn === before) return false;
    }
  }
  return true;
}

function muzero(name: string, title: string, kind: SearchKind, summary: string): Algorithm<MuZeroSettings> {
  return {
    name, family: 'muzero', title, summary,
    seats: [1, 2],
    refuses(task) {
      if (task.actionCount < 2) return 'it has a single action, so there is nothing to choose; predict its values by td';
      return alternates(task) ? undefined : 'its seats do not simply take turns, and a learned model knows no turns';
    },
    schema: muzeroSchema,
    defaults: muzeroDefaults,
    frames: (task) => (task.seats === 2 ? 1_000_000 : task.planes[1] > 2 ? 1_000_000 : 100_000),
    async create(options) {
      const { createMuZeroLearner } = await import('./learner.js');
      return createMuZeroLearner(options, kind);
    },
  };
}

export const muzeroAlgorithms = [
  muzero('muzero', 'MuZero', 'puct', 'plans in a model of its own that it learns from experience; for games and tasks alike, with 25 or more simulations'),
  muzero('gumbel-muzero', 'Gumbel MuZero', 'gumbel', 'the same with a root search that learns from very few simulations; the first of the two to try'),
] as unknown as readonly Algorithm<LearnerConfig>[];
