/** The five MinAtar games, and the check of them against recorded episodes. */
export { createMinAtar, minatarGames, minatarId, minatarIds } from './game.js';
export type { MinAtarGame, MinAtarId, MinAtarOptions } from './game.js';
export { minatarVariant } from './variants.js';
export { MinAtarState } from './state.js';
export type { MinAtarSettings } from './state.js';
export { TraceChecker, checkTraces } from './traces.js';
export type { TraceMismatch, TraceReport } from './traces.js';
