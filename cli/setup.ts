/** Games and positions named on the command line. */
import { resolve } from 'node:path';
import { createRng, UserError, type Game, type State } from '#engine';
import { isGamePath, loadGame } from '#games';

/** The game and the name by which other threads can load it: an id, or an absolute path. */
export async function gameOf(idOrPath: string): Promise<{ game: Game; spec: string }> {
  const spec = isGamePath(idOrPath) && !idOrPath.startsWith('file:') ? resolve(idOrPath) : idOrPath;
  const game = await loadGame(spec);
  return { game, spec: isGamePath(idOrPath) ? spec : game.id };
}

/** A position from text in the game's setup notation; the start for an empty text. */
export function positionOf(game: Game, text: string): State {
  if (text.trim() === '') return game.start(createRng(0));
  const state = game.parseSetup?.(text.trim());
  if (state === undefined) {
    const why = game.parseSetup ? 'it is malformed or has an illegal move' : 'this game has no notation for positions';
    throw new UserError('usage', `cannot set up '${text}' in ${game.name}: ${why}.`);
  }
  return state;
}
