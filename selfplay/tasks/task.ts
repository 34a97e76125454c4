/** Tasks by name: our one-seat games, modules of one's own, and external environments (`gym:`). */
import { UserError, type Game } from '#engine';
import { loadGame } from '#games';
import { GameEnvironments } from './environments.js';
import type { Task } from './types.js';

/**
 * The task that `spec` names: the id of a one-seat game or the path of a module. Throws UserError: 'usage' for a game of
 * two seats, else as `loadGame`.
 */
export async function openTask(spec: string): Promise<Task> {
  return gameTask(await loadGame(spec), spec);
}

/** A game as a task; `spec` is how other threads load it. */
export function gameTask(game: Game, spec: string = game.id): Task {
  if (game.seats !== 1) throw new UserError('usage', `${game.name} is a game for two, which is learnt by self-play: use --algo alphazero`);
  const { id, name, version, actionCount, planes } = game;
  return { id, name, version, actionCount, planes, game, spec, open: async (n) => new GameEnvironments(game, n) };
}
