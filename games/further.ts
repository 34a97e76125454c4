/**
 * Games that are loaded only when one of them is asked for, so that the page does not carry them from the start: chess, and
 * tasks for one player.
 */
import type { Game } from '#engine';
import { chess, chessVariant } from './chess/index.js';
import { acrobot, cartPole, mountainCar } from './control/index.js';
import { minatarGames, minatarVariant } from './minatar/index.js';
import { cliffWalking, gridWorld, pong, randomWalk } from './teaching/index.js';

export const furtherGames: readonly Game[] = [chess, ...minatarGames, cartPole, mountainCar, acrobot, cliffWalking, gridWorld, randomWalk, pong] as readonly Game[];

/** A game that is one of the above with an option in its name, as in `chess-history3` or `breakout-minimal`; undefined when the name is no such. */
export function variantGame(name: string): Game | undefined {
  return (chessVariant(name) ?? minatarVariant(name)) as Game | undefined;
}
