/** Keys and words for the actions of tasks. */
import type { TaskInfo } from './list.js';

const KEYS: Readonly<Record<string, string>> = {
  ArrowLeft: 'left', a: 'left', ArrowRight: 'right', d: 'right', ArrowUp: 'up', w: 'up', ArrowDown: 'down', s: 'down', ' ': 'fire', f: 'fire',
};

/** The action's name for a key; undefined where the key means nothing in this task. */
export function namedByKey(task: TaskInfo, key: string): string | undefined {
  const name = KEYS[key.length === 1 ? key.toLowerCase() : key];
  return name !== undefined && task.useful.includes(name) ? name : undefined;
}

/** "left and right arrows, space to fire": how to play, for people. */
export function howToPlay(task: TaskInfo): string {
  const arrows = task.useful.filter((name) => name !== 'fire');
  const words = arrows.length === 4 ? 'arrow keys' : `${arrows.join(' and ')} arrow keys`;
  return `${words}${task.useful.includes('fire') ? ', space to fire' : ''}`;
}
