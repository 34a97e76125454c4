/**
 * Acrobot: two links that hang from a pivot, driven at the joint between them only, must swing their tip up (Sutton 1996,
 * "Generalization in reinforcement learning"; equations of Sutton and Barto's book). Constants, integration (one step of
 * Runge-Kutta's fourth order), limits and rewards as in Gymnasium's Acrobot-v1.
 */
import type { Action, Game, Rng } from '#engine';
import { taskGame } from '../task.js';
import type { TaskFacts } from '../task.js';
import { ControlState, clamp, describe, uniform } from './state.js';

const GRAVITY = 9.8;
// Each link: 1 kg, 1 m, centre of mass in its middle, moment of inertia 1 kg m^2.
const HALF = 0.5;
const INERTIA = 1;
const TICK = 0.2; // s
const FASTEST = [4 * Math.PI, 9 * Math.PI] as const; // radians / s

/**
 * Writes the accelerations of both joints to out [2]; angles in radians, the first from hanging down, the second relative
 * to the first link; torque in N m on the second joint.
 */
export function acrobotAccelerations(first: number, second: number, firstSpin: number, secondSpin: number, torque: number, out: Float64Array): void {
  const sin = Math.sin(second);
  const cos = Math.cos(second);
  const d1 = HALF * HALF + (1 + HALF * HALF + 2 * HALF * cos) + 2 * INERTIA;
  const d2 = HALF * HALF + HALF * cos + INERTIA;
  const phi2 = HALF * GRAVITY * Math.cos(first + second - Math.PI / 2);
  const phi1 = -HALF * secondSpin * secondSpin * sin - 2 * HALF * secondSpin * firstSpin * sin + (HALF + 1) * GRAVITY * Math.cos(first - Math.PI / 2) + phi2;
  const b = (torque + (d2 / d1) * phi1 - HALF * firstSpin * firstSpin * sin - phi2) / (HALF * HALF + INERTIA - (d2 * d2) / d1);
  out[0] = -(d2 * b + phi1) / d1;
  out[1] = b;
}

/** [4 stages, 4 variables]: slopes of a Runge-Kutta step; and its place of evaluation. */
const slopes = new Float64Array(16);
const place = new Float64Array(4);
const accelerations = new Float64Array(2);

/** Variables: angle of the first link, of the second, and their velocities. */
export class AcrobotState extends ControlState {
  constructor(facts: TaskFacts) {
    super(facts, 4);
  }

  protected reset(rng: Rng): void {
    for (let i = 0; i < 4; i++) this.variables[i] = uniform(rng, -0.1, 0.1);
  }

  /** The reward is -1 a step, and 0 for the one that brings the tip up. */
  protected advance(action: Action): number {
    const { variables } = this;
    integrate(variables, action - 1);
    variables[0] = wrap(variables[0]);
    variables[1] = wrap(variables[1]);
    variables[2] = clamp(variables[2], -FASTEST[0], FASTEST[0]);
    variables[3] = clamp(variables[3], -FASTEST[1], FASTEST[1]);
    // The tip is higher than one link above the pivot.
    this.ended = -Math.cos(variables[0]) - Math.cos(variables[1] + variables[0]) > 1;
    return this.ended ? 0 : -1;
  }

  override observe(out: Float32Array): void {
    const { variables } = this;
    out[0] = Math.cos(variables[0]);
    out[1] = Math.sin(variables[0]);
    out[2] = Math.cos(variables[1]);
    out[3] = Math.sin(variables[1]);
    out[4] = variables[2];
    out[5] = variables[3];
  }
}

function integrate(variables: Float64Array, torque: number): void {
  for (let stage = 0; stage < 4; stage++) {
    const span = stage === 0 ? 0 : stage === 3 ? TICK : TICK / 2;
    for (let i = 0; i < 4; i++) place[i] = variables[i] + (stage === 0 ? 0 : span * slopes[(stage - 1) * 4 + i]);
    acrobotAccelerations(place[0], place[1], place[2], place[3], torque, accelerations);
    slopes[stage * 4] = place[2];
    slopes[stage * 4 + 1] = place[3];
    slopes[stage * 4 + 2] = accelerations[0];
    slopes[stage * 4 + 3] = accelerations[1];
  }
  for (let i = 0; i < 4; i++) variables[i] += (TICK / 6) * (slopes[i] + 2 * slopes[4 + i] + 2 * slopes[8 + i] + slopes[12 + i]);
}

/** The same angle in [-pi, pi]. */
function wrap(angle: number): number {
  let wrapped = angle;
  while (wrapped > Math.PI) wrapped -= 2 * Math.PI;
  while (wrapped < -Math.PI) wrapped += 2 * Math.PI;
  return wrapped;
}

/** Planes: [6, 1, 1], cosine and sine of both angles, then both velocities. `limit` steps at most, 500 as in Acrobot-v1. */
export function createAcrobot(limit = 500): Game<AcrobotState> {
  return taskGame({
    id: 'acrobot',
    name: 'Acrobot',
    version: 1,
    chance: 'none',
    actions: ['left', 'none', 'right'],
    planes: [6, 1, 1],
    limit,
    create: (facts) => new AcrobotState(facts),
    render: (state) => describe(['first angle', 'second angle', 'first velocity', 'second velocity'], state.variables),
  });
}

export const acrobot = createAcrobot();
