/** Recorded MinAtar episodes, one JSON object a line: checked at the border, so that the replay can trust them. */
import { UserError } from '#engine';
import { minatarId } from './game.js';
import type { MinAtarId } from './game.js';
import type { RecordedDraw } from './recorded.js';

export interface TraceStep {
  /** Requested action of the full set. */
  readonly action: number;
  /** In episodes with sticky actions: the action executed. */
  readonly executed?: number;
  readonly reward: number;
  readonly done: boolean;
  readonly draws: readonly RecordedDraw[];
  /** Active cells [channel, row, column] after the step, as channel * 100 + row * 10 + column, ascending. */
  readonly cells: Int32Array;
}

export interface Trace {
  readonly id: MinAtarId;
  readonly episode: number;
  readonly sticky: number;
  readonly ramping: boolean;
  /** In episodes with sticky actions: place in a row of episodes of one environment, and the action it remembers. */
  readonly block?: number;
  readonly lastExecuted?: number;
  readonly start: { readonly draws: readonly RecordedDraw[]; readonly cells: Int32Array };
  readonly steps: readonly TraceStep[];
}

type Fields = Record<string, unknown>;

class Malformed extends Error {}

/** Reads one line; throws UserError('data') that names the line and the field. */
export function parseTrace(text: string, line: number): Trace {
  try {
    const record = fields(JSON.parse(text), 'the line');
    const reset = fields(record.reset, 'reset');
    return {
      id: minatarId(string(record.game, 'game')),
      episode: whole(record.episode ?? line - 1, 'episode'),
      sticky: number(record.sticky ?? 0, 'sticky'),
      ramping: boolean(record.ramping ?? true, 'ramping'),
      block: optional(record.block, (value) => whole(value, 'block')),
      lastExecuted: optional(record.lastActionAtReset, (value) => actionOf(value, 'lastActionAtReset')),
      start: { draws: drawsOf(reset.draws, 'reset.draws'), cells: cellsOf(reset.obs, 'reset.obs') },
      steps: list(record.steps, 'steps').map((step, i) => stepOf(step, `steps[${i}]`)),
    };
  } catch (error) {
    if (error instanceof Malformed || error instanceof SyntaxError || error instanceof UserError) {
      throw new UserError('data', `line ${line} is not a recorded MinAtar episode: ${error.message.split('\n')[0]}`);
    }
    throw error;
  }
}

function stepOf(value: unknown, where: string): TraceStep {
  const step = fields(value, where);
  return {
    action: actionOf(step.a, `${where}.a`),
    executed: optional(step.executed, (executed) => actionOf(executed, `${where}.executed`)),
    reward: number(step.r, `${where}.r`),
    done: boolean(step.done, `${where}.done`),
    draws: drawsOf(step.draws, `${where}.draws`),
    cells: cellsOf(step.obs, `${where}.obs`),
  };
}

const KNOWN_DRAWS = new Set(['sticky', 'ballStart', 'cars', 'spawn', 'enemy', 'diver']);

/** In the order in which the rules make them: sticky first, an enemy before a diver. */
function drawsOf(value: unknown, where: string): RecordedDraw[] {
  const record = fields(value, where);
  for (const key of Object.keys(record)) if (!KNOWN_DRAWS.has(key)) throw new Malformed(`${where} has an unknown draw '${key}'`);
  const out: RecordedDraw[] = [];
  const chance = (happens: unknown, name: string) => out.push({ kind: 'chance', happens: boolean(happens, `${where}.${name}`) });
  const below = (drawn: number, of: number, name: string) => {
    if (drawn < 0 || drawn >= of) throw new Malformed(`${where}.${name} is out of range`);
    out.push({ kind: 'below', value: drawn, of });
  };
  if (record.sticky !== undefined) chance(record.sticky, 'sticky');
  if (record.ballStart !== undefined) below(['left', 'right'].indexOf(string(record.ballStart, `${where}.ballStart`)), 2, 'ballStart');
  if (record.cars !== undefined) {
    const cars = fields(record.cars, `${where}.cars`);
    for (const speed of list(cars.speeds, `${where}.cars.speeds`)) below(whole(speed, 'a speed') - 1, 5, 'cars.speeds');
    for (const direction of list(cars.dirs, `${where}.cars.dirs`)) below([-1, 1].indexOf(number(direction, 'a direction')), 2, 'cars.dirs');
  }
  if (record.spawn !== undefined) {
    const spawn = fields(record.spawn, `${where}.spawn`);
    chance(spawn.fromLeft, 'spawn.fromLeft');
    chance(spawn.gold, 'spawn.gold');
    const of = whole(spawn.of, `${where}.spawn.of`);
    if (of > 0) below(whole(spawn.pick, `${where}.spawn.pick`), of, 'spawn.pick');
  }
  if (record.enemy !== undefined) {
    const enemy = fields(record.enemy, `${where}.enemy`);
    chance(enemy.fromLeft, 'enemy.fromLeft');
    chance(enemy.sub, 'enemy.sub');
    below(whole(enemy.row, `${where}.enemy.row`) - 1, 8, 'enemy.row');
  }
  if (record.diver !== undefined) {
    const diver = fields(record.diver, `${where}.diver`);
    chance(diver.fromLeft, 'diver.fromLeft');
    below(whole(diver.row, `${where}.diver.row`) - 1, 8, 'diver.row');
  }
  return out;
}

function cellsOf(value: unknown, where: string): Int32Array {
  const cells = list(value, where).map((cell) => {
    const [channel, row, column, ...more] = list(cell, `a cell of ${where}`).map((part) => whole(part, `a cell of ${where}`));
    if (column === undefined || more.length > 0 || row > 9 || column > 9) throw new Malformed(`${where} has a cell that is not [channel, row, column]`);
    return channel * 100 + row * 10 + column;
  });
  return Int32Array.from(cells).sort();
}

function actionOf(value: unknown, where: string): number {
  const action = whole(value, where);
  if (action > 5) throw new Malformed(`${where} is ${action}; actions are 0 to 5`);
  return action;
}

function optional<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === undefined || value === null ? undefined : read(value);
}

function fields(value: unknown, where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Malformed(`${where} is not an object`);
  return value as Fields;
}

function list(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) throw new Malformed(`${where} is not a list`);
  return value;
}

function number(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Malformed(`${where} is not a number`);
  return value;
}

/** A whole number from 0. */
function whole(value: unknown, where: string): number {
  if (!Number.isInteger(value) || (value as number) < 0) throw new Malformed(`${where} is not a whole number from 0`);
  return value as number;
}

function string(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new Malformed(`${where} is not a text`);
  return value;
}

function boolean(value: unknown, where: string): boolean {
  if (typeof value !== 'boolean') throw new Malformed(`${where} is not true or false`);
  return value;
}
