/** Games by name, and games of one's own from a module. */
import { UserError, unknown } from '#engine';
import type { Game } from '#engine';
import { connect4 } from './connect4/game.js';
import { isGame, shapeFaults } from './shape.js';
import { ticTacToe } from './tic-tac-toe/game.js';

/** The small games for two that come with Ludus. `allGames` has chess and the tasks for one player too. */
export const games: readonly Game[] = [ticTacToe, connect4];

/** `Tic_Tac_Toe`, `tictactoe` and `tic-tac-toe` are one name. */
function plain(id: string): string {
  return id.toLowerCase().replaceAll(/[-_ ]/g, '');
}

/** One of `games`; throws UserError('usage') with the nearest name when there is none. */
export function getGame(id: string): Game {
  return find(id, games);
}

function find(id: string, among: readonly Game[]): Game {
  const game = among.find((g) => plain(g.id) === plain(id));
  if (game === undefined) throw unknown('game', id, among.map((g) => g.id));
  return game;
}

/** Every built-in game: `games`, then those that only the command line and the library know. */
export async function allGames(): Promise<readonly Game[]> {
  const { furtherGames } = await import('./further.js');
  return [...games, ...furtherGames];
}

/** Whether a word means a module rather than a built-in game: it has a slash, or a script's ending, or is a file URL. */
export function isGamePath(idOrPath: string): boolean {
  return /[/\\]|\.[cm]?[jt]s$/i.test(idOrPath);
}

/**
 * A game by id (that of a variant, too, such as `chess-history3` or `breakout-minimal`), or from the module at a path (relative to the working
 * directory) or file URL, whose default export or export `game` is a Game. Throws UserError: 'usage' for an unknown id,
 * 'data' for a module that is missing, broken or holds no game.
 */
export async function loadGame(idOrPath: string): Promise<Game> {
  if (!isGamePath(idOrPath)) {
    const near = games.find((game) => plain(game.id) === plain(idOrPath));
    if (near !== undefined) return near;
    const { variantGame } = await import('./further.js');
    return variantGame(idOrPath) ?? find(idOrPath, await allGames());
  }
  let module: Record<string, unknown>;
  try {
    const href = idOrPath.startsWith('file:') ? idOrPath : await fileUrl(idOrPath);
    module = (await import(/* @vite-ignore */ href)) as Record<string, unknown>;
  } catch (error) {
    throw new UserError('data', `cannot load a game from '${idOrPath}': ${firstLine(error)}`);
  }
  const value = module.default ?? module.game;
  if (value === undefined) throw new UserError('data', `'${idOrPath}' exports no game: its default export, or an export named 'game', should be one`);
  if (!isGame(value)) throw new UserError('data', `'${idOrPath}' exports something that is not a game: ${shapeFaults(value).join('; ')}`);
  return value;
}

/** Node's path-to-URL rule, asked for only here, so that the rest of the folder also runs in a browser. */
async function fileUrl(path: string): Promise<string> {
  const module = 'node:url';
  const url = (await import(/* @vite-ignore */ module)) as { pathToFileURL(path: string): { href: string } };
  return url.pathToFileURL(path).href;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0];
}
