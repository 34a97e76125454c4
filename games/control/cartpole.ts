/**
 * CartPole: keep a pole upright on a cart by pushing the cart (Barto, Sutton and Anderson 1983; equations without
 * friction after Florian 2007, "Correct equations for the dynamics of the cart-pole system"). Constants, integration,
 * limits and rewards as in Gymnasium's CartPole-v1.
 */
import type { Action, Game, Rng } from '#engine';
import { taskGame } from '../task.js';
import type { TaskFacts } from '../task.js';
import { ControlState, describe, uniform } from './state.js';

const GRAVITY = 9.8; // m / s^2
const POLE_MASS = 0.1; // kg
const TOTAL_MASS = 1 + POLE_MASS; // kg
const HALF_LENGTH = 0.5; // m, from the pivot to the pole's centre of mass
const PUSH = 10; // N
const TICK = 0.02; // s
const FARTHEST = 2.4; // m
const STEEPEST = (12 * 2 * Math.PI) / 360;

/** Variables: position (m), its velocity, the pole's angle from upright (radians, to the right), its velocity. */
export class CartPoleState extends ControlState {
  constructor(facts: TaskFacts) {
    super(facts, 4);
  }

  protected reset(rng: Rng): void {
    for (let i = 0; i < 4; i++) this.variables[i] = uniform(rng, -0.05, 0.05);
  }

  /** The reward is 1 a step, the last one included. */
  protected advance(action: Action): number {
    const { variables } = this;
    const velocity = variables[1];
    const angle = variables[2];
    const spin = variables[3];
    const force = action === 1 ? PUSH : -PUSH;
    const sin = Math.sin(angle);
    const cos = Math.cos(angle);
    const moment = POLE_MASS * HALF_LENGTH;
    const push = (force + moment * spin * spin * sin) / TOTAL_MASS;
    const angular = (GRAVITY * sin - cos * push) / (HALF_LENGTH * (4 / 3 - (POLE_MASS * cos * cos) / TOTAL_MASS));
    const linear = push - (moment * angular * cos) / TOTAL_MASS;
    // Explicit Euler: positions by the old velocities.
    variables[0] += TICK * velocity;
    variables[1] += TICK * linear;
    variables[2] += TICK * spin;
    variables[3] += TICK * angular;
    this.ended = Math.abs(variables[0]) > FARTHEST || Math.abs(variables[2]) > STEEPEST;
    return 1;
  }
}

/** Planes: [4, 1, 1], the variables. `limit` steps at most, 500 as in CartPole-v1. */
export function createCartPole(limit = 500): Game<CartPoleState> {
  return taskGame({
    id: 'cartpole',
    name: 'CartPole',
    version: 1,
    chance: 'none',
    actions: ['left', 'right'],
    planes: [4, 1, 1],
    limit,
    create: (facts) => new CartPoleState(facts),
    render: (state) => describe(['position', 'velocity', 'angle', 'angular velocity'], state.variables),
  });
}

export const cartPole = createCartPole();
