/** How each channel of the cell games looks: a colour of the page's palette, and a shape of its own, so that no two are told apart by colour alone. */

export const shapes = ['square', 'frame', 'disc', 'ring', 'diamond', 'triangle', 'cross', 'bar', 'dot', 'half'] as const;
export type Shape = (typeof shapes)[number];

/** A custom property of the style sheet. */
export type Ink = '--accent' | '--seat0' | '--seat1' | '--danger' | '--muted' | '--ink' | '--line-strong';

export interface ChannelLook { readonly name: string; readonly shape: Shape; readonly ink: Ink }

const look = (name: string, shape: Shape, ink: Ink): ChannelLook => ({ name, shape, ink });

/** In the order of each game's planes; later ones are painted over earlier ones. */
const looks: Readonly<Record<string, readonly ChannelLook[]>> = {
  asterix: [look('player', 'square', '--accent'), look('enemy', 'triangle', '--danger'), look('trail', 'dot', '--muted'), look('gold', 'diamond', '--seat0')],
  breakout: [look('paddle', 'square', '--accent'), look('ball', 'disc', '--ink'), look('trail', 'dot', '--muted'), look('brick', 'frame', '--seat0')],
  freeway: [
    look('chicken', 'disc', '--accent'), look('car', 'square', '--danger'), look('speed 1, slowest', 'dot', '--muted'), look('speed 2', 'bar', '--muted'),
    look('speed 3', 'half', '--muted'), look('speed 4', 'ring', '--muted'), look('speed 5, fastest', 'cross', '--muted'),
  ],
  seaquest: [
    look('submarine, front', 'square', '--accent'), look('submarine, back', 'half', '--accent'), look('own bullet', 'bar', '--ink'), look('trail', 'dot', '--muted'),
    look('enemy bullet', 'cross', '--danger'), look('fish', 'diamond', '--danger'), look('enemy submarine', 'triangle', '--danger'),
    look('oxygen left', 'frame', '--seat1'), look('divers aboard', 'ring', '--seat0'), look('diver', 'disc', '--seat0'),
  ],
  'space-invaders': [
    look('cannon', 'square', '--accent'), look('alien', 'frame', '--seat0'), look('aliens move left', 'dot', '--seat0'), look('aliens move right', 'ring', '--seat0'),
    look('own bullet', 'bar', '--ink'), look('enemy bullet', 'cross', '--danger'),
  ],
  pong: [look('your paddle', 'square', '--accent'), look('opponent', 'frame', '--danger'), look('ball', 'disc', '--ink'), look('trail', 'dot', '--muted')],
  'cliff-walking': [look('you', 'disc', '--accent')],
  'grid-world': [look('you', 'disc', '--accent')],
};

/** Looks of a game's channels; plain ones for a game that nobody has dressed. */
export function channelsOf(game: string, channels: number): readonly ChannelLook[] {
  const inks: readonly Ink[] = ['--accent', '--seat0', '--seat1', '--danger', '--ink', '--muted'];
  return looks[game] ?? Array.from({ length: channels }, (_, i) => look(`channel ${i}`, shapes[i % shapes.length], inks[i % inks.length]));
}

/** Cells that never change and are no channel: [row * width + column] of goal and pit. */
export function groundOf(game: string): { readonly goal: number; readonly pits: readonly number[] } | undefined {
  if (game === 'grid-world') return { goal: 15, pits: [] };
  if (game === 'cliff-walking') return { goal: 47, pits: [37, 38, 39, 40, 41, 42, 43, 44, 45, 46] };
  return undefined;
}
