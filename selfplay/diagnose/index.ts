/** What is wrong with a run, and what to change. */
export { diagnose, worstOf, type Diagnosis, type DiagnoseOptions } from './diagnose.js';
export { levels, type Finding, type Level } from './finding.js';
export { timeSpent, timeShares, type TimeSpent } from './time-checks.js';
export type { ReliabilityBin } from './values.js';
