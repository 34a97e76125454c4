/** Environments of Gymnasium, in Python processes of the user's. */
export { openGymTask } from './task.js';
export { isGymSpec, makeGymSpec, parseGymSpec, type GymSpec } from './spec.js';
