/** The tasks that the page can draw: what a card says of them, and how a person plays them. Light: the rules are loaded later. */
export interface TaskInfo {
  readonly id: string;
  readonly name: string;
  readonly line: string;
  /** How it is drawn. */
  readonly look: 'cells' | 'cartpole' | 'mountain-car' | 'acrobot';
  /** Names of the actions that do something, for keys and buttons. */
  readonly useful: readonly string[];
  /** What happens while no key is held: an action by name; undefined: time stands still (a step for each key). */
  readonly idle?: string;
  /** Steps a second that a person copes with. */
  readonly speed: number;
}

const ARROWS = ['left', 'up', 'right', 'down'];

export const tasks: readonly TaskInfo[] = [
  { id: 'breakout', name: 'Breakout', line: 'Keep the ball in play, and break the wall.', look: 'cells', useful: ['left', 'right'], idle: 'nothing', speed: 6 },
  { id: 'space-invaders', name: 'Space Invaders', line: 'Shoot the aliens before they land.', look: 'cells', useful: ['left', 'right', 'fire'], idle: 'nothing', speed: 6 },
  { id: 'asterix', name: 'Asterix', line: 'Collect the gold, dodge everything else.', look: 'cells', useful: ARROWS, idle: 'nothing', speed: 6 },
  { id: 'freeway', name: 'Freeway', line: 'Bring the chicken across eight lanes.', look: 'cells', useful: ['up', 'down'], idle: 'nothing', speed: 12 },
  { id: 'seaquest', name: 'Seaquest', line: 'Rescue divers, and mind the oxygen.', look: 'cells', useful: [...ARROWS, 'fire'], idle: 'nothing', speed: 6 },
  { id: 'pong', name: 'Pong', line: 'First to five points.', look: 'cells', useful: ['up', 'down'], idle: 'stay', speed: 8 },
  { id: 'cartpole', name: 'CartPole', line: 'Keep the pole upright by pushing its cart.', look: 'cartpole', useful: ['left', 'right'], speed: 12 },
  { id: 'mountain-car', name: 'MountainCar', line: 'Too weak for the hill: swing yourself up.', look: 'mountain-car', useful: ['left', 'right'], idle: 'coast', speed: 30 },
  { id: 'acrobot', name: 'Acrobot', line: 'Swing the tip above the line.', look: 'acrobot', useful: ['left', 'right'], idle: 'none', speed: 15 },
  { id: 'cliff-walking', name: 'Cliff walking', line: 'Reach the goal; do not fall.', look: 'cells', useful: ARROWS, speed: 4 },
  { id: 'grid-world', name: 'Grid world', line: 'Sixteen cells and a goal: the smallest task.', look: 'cells', useful: ARROWS, speed: 4 },
];

export function taskOf(id: string): TaskInfo | undefined {
  return tasks.find((task) => task.id === id);
}
