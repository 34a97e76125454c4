/** The steps of an episode that a dream is held against. Pure. */
import type { Action } from '#engine';
import type { Session } from './session.js';

/** Steps of a dream: as many as `ludus inspect` looks at. */
export const DREAM_STEPS = 20;

export interface Rollout {
  /** The step at whose position the dream begins. */
  readonly from: number;
  readonly actions: readonly Action[];
  /** Of the actions, for people. */
  readonly names: readonly string[];
  readonly rewards: readonly number[];
  /** [actions + 1, planes] */
  readonly seen: Float32Array;
  /** The last step truly ended the episode: nothing is to be had after it. */
  readonly over: boolean;
}

/** From the position that is shown; at the newest one, over the steps that led there. undefined before the first step. */
export function rolloutOf(session: Session): Rollout | undefined {
  const { episode, cursor, game } = session;
  const from = cursor < episode.steps ? cursor : Math.max(0, episode.steps - DREAM_STEPS);
  const to = Math.min(episode.steps, from + DREAM_STEPS);
  if (to === from) return undefined;
  const size = game.planes[0] * game.planes[1] * game.planes[2];
  const seen = new Float32Array((to - from + 1) * size);
  for (let step = from; step <= to; step++) episode.position(step).observe(seen.subarray((step - from) * size, (step - from + 1) * size));
  const actions = episode.actions.slice(from, to);
  return { from, actions, names: actions.map((action) => session.nameOf(action)), rewards: episode.rewards.slice(from, to), seen, over: to === episode.steps && episode.over && !episode.truncated };
}
