/** What MuZero remembers and makes of it, for who wants to teach a model from games of his own. */
export { History, RUNNING, TERMINATED, TRUNCATED } from './history.js';
export { createRows, endsWithin, fillRow, type TargetFacts, type TrainingRows } from './targets.js';
