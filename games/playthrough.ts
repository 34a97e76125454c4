/**
 * A random game written out in full, for golden files: what a reviewer reads to see that rules, notation and planes are
 * right, and what shows every later change of them.
 */
import { CHANCE, OVER } from '#engine';
import type { Game, State } from '#engine';
import { Walk, keyOf, legalOf, planesOf } from './contract/walk.js';

/** The game that seed and episode give, with board, key, planes, legal moves and rewards of every ply. */
export function playthrough(game: Game, seed = 1, episode = 0): string {
  const lines = [
    `${game.name} (${game.id}, version ${game.version})`,
    `seats ${game.seats}, chance ${game.chance}, actions ${game.actionCount}, at most ${game.maxPlies} plies, planes ${game.planes.join(' x ')}`,
    `symmetries: ${(game.symmetries ?? [{ name: 'identity' }]).map((symmetry) => symmetry.name).join(', ')}`,
    `seed ${seed}, game ${episode}`,
  ];
  const walk = new Walk(game, seed, episode);
  for (;;) {
    lines.push('', `--- ply ${walk.ply}: ${turnName(walk.state)}`);
    if (game.render !== undefined) lines.push(game.render(walk.state));
    lines.push('planes:', ...planeLines(game, walk.state), `key: ${keyOf(walk.state)}`);
    if (walk.state.turn === OVER || walk.ply >= game.maxPlies) break;
    const legal = legalOf(game, walk.state);
    lines.push(`legal: ${legal.map((action) => `${action}=${game.actionName(walk.state, action)}`).join(' ')}`);
    const reward = walk.step();
    lines.push(`played: ${walk.actions[walk.ply - 1]}=${walk.moves[walk.ply - 1]}, reward to seat 0: ${reward}`);
  }
  lines.push('', `moves: ${walk.moves.join(' ')}`, `return to seat 0: ${walk.total}`, '');
  return lines.join('\n');
}

function turnName({ turn }: State): string {
  return turn === OVER ? 'over' : turn === CHANCE ? 'chance' : `seat ${turn}`;
}

/** Channels side by side, rows below each other; 0 is drawn as a dot. */
function planeLines(game: Game, state: State): string[] {
  const [channels, height, width] = game.planes;
  const planes = planesOf(game, state);
  return Array.from({ length: height }, (_row, y) =>
    Array.from({ length: channels }, (_channel, c) => {
      const at = (c * height + y) * width;
      return Array.from(planes.subarray(at, at + width), (value) => (value === 0 ? '.' : String(Number(value.toFixed(3))))).join(' ');
    }).join('   '),
  );
}
