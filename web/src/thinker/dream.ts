/** A learned model along actions that were taken, without looking again, beside what it makes of each real position. */
import { createLatentBatch, type Action, type Game, type WorldModel } from '#engine';
import type { Imagined } from './messages.js';

/** `seen`: [actions + 1, planes]. For tasks of one: every value is the same seat's. */
export async function dreamAlong(model: WorldModel, game: Pick<Game, 'actionCount'>, seen: Float32Array, actions: readonly Action[]): Promise<Imagined> {
  const looked = createLatentBatch(game.actionCount, model.latentSize, actions.length + 1);
  looked.size = actions.length + 1;
  await model.represent(seen, looked);
  const one = createLatentBatch(game.actionCount, model.latentSize, 1);
  one.size = 1;
  one.latents.set(looked.latents.subarray(0, model.latentSize));
  const steps: { reward: number; value: number; seenValue: number }[] = [];
  for (const [i, action] of actions.entries()) {
    one.parents.set(one.latents);
    one.actions[0] = action;
    await model.step(one);
    steps.push({ reward: one.rewards[0], value: one.values[0], seenValue: looked.values[i + 1] });
  }
  return { value: looked.values[0], steps };
}
