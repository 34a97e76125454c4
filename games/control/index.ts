/** Classic control tasks with Gymnasium's published dynamics. */
export { AcrobotState, acrobot, acrobotAccelerations, createAcrobot } from './acrobot.js';
export { CartPoleState, cartPole, createCartPole } from './cartpole.js';
export { MountainCarState, createMountainCar, mountainCar } from './mountain-car.js';
