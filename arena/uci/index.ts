/** Agents as chess engines. */
export { type UciOptions, UciSession } from './session.js';
