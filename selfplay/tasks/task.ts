/** Tasks by name: our games, modules of one's own, and external environments (`gym:`). */
import type { Game } from '#engine';
import { loadGame } from '#games';
import { isGymSpec, openGymTask } from '../gym/index.js';
import { GameEnvironments } from './environments.js';
import type { Task } from './types.js';

/**
 * The task that `spec` names: the id of a game, the path of a module, or `gym:ENV_ID,...`. Only for words of the command
 * line and of local files: a module is run, and so is the Python that a gym: names. Throws as `loadGame` and `openGymTask`.
 * Whether an algorithm can learn it is for `algorithmFor` to say.
 */
export async function openTask(spec: string): Promise<Task> {
  return isGymSpec(spec) ? openGymTask(spec) : gameTask(await loadGame(spec), spec);
}

/** A game as a task; `spec` is how other threads load it. */
export function gameTask(game: Game, spec: string = game.id): Task {
  const { id, name, version, seats, actionCount, planes } = game;
  return { id, name, version, seats, actionCount, planes, game, spec, open: async (n) => new GameEnvironments(game, n) };
}
