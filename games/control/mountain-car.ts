/**
 * MountainCar: a car too weak for the hill must swing itself up (Moore 1990; as in Sutton and Barto 2018, example 10.1).
 * Constants, limits and rewards as in Gymnasium's MountainCar-v0.
 */
import type { Action, Game, Rng } from '#engine';
import { taskGame } from '../task.js';
import type { TaskFacts } from '../task.js';
import { ControlState, clamp, describe, uniform } from './state.js';

const WEST = -1.2;
const EAST = 0.6;
const FASTEST = 0.07;
const GOAL = 0.5;
const PUSH = 0.001;
const GRAVITY = 0.0025;

/** Variables: position, velocity. */
export class MountainCarState extends ControlState {
  constructor(facts: TaskFacts) {
    super(facts, 2);
  }

  protected reset(rng: Rng): void {
    this.variables[0] = uniform(rng, -0.6, -0.4);
    this.variables[1] = 0;
  }

  /** The reward is -1 a step, the last one included. */
  protected advance(action: Action): number {
    const position = this.variables[0];
    let velocity = clamp(this.variables[1] + (action - 1) * PUSH - Math.cos(3 * position) * GRAVITY, -FASTEST, FASTEST);
    const next = clamp(position + velocity, WEST, EAST);
    // The western wall stops the car.
    if (next === WEST && velocity < 0) velocity = 0;
    this.variables[0] = next;
    this.variables[1] = velocity;
    this.ended = next >= GOAL && velocity >= 0;
    return -1;
  }
}

/** Planes: [2, 1, 1], the variables. `limit` steps at most, 200 as in MountainCar-v0. */
export function createMountainCar(limit = 200): Game<MountainCarState> {
  return taskGame({
    id: 'mountain-car',
    name: 'MountainCar',
    version: 1,
    chance: 'none',
    actions: ['left', 'coast', 'right'],
    planes: [2, 1, 1],
    limit,
    create: (facts) => new MountainCarState(facts),
    render: (state) => describe(['position', 'velocity'], state.variables),
  });
}

export const mountainCar = createMountainCar();
