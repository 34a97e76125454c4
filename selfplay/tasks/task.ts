/** Tasks by name: our games, modules of one's own, and external environments (`gym:`). */
import type { Game } from '#engine';
import { loadGame } from '#games';
import { GameEnvironments } from './environments.js';
import type { Task } from './types.js';

/**
 * The task that `spec` names: the id of a game or the path of a module. Throws as `loadGame`. Whether an algorithm can learn
 * it is for `algorithmFor` to say.
 */
export async function openTask(spec: string): Promise<Task> {
  return gameTask(await loadGame(spec), spec);
}

/** A game as a task; `spec` is how other threads load it. */
export function gameTask(game: Game, spec: string = game.id): Task {
  const { id, name, version, seats, actionCount, planes } = game;
  return { id, name, version, seats, actionCount, planes, game, spec, open: async (n) => new GameEnvironments(game, n) };
}
