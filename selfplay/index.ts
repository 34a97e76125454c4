/** Self-play: what a run is (config, checkpoints, replay store), and the loop that trains. */
export { applyOverrides, checkConfig, defaultConfig, describeConfig, scheduled, threadCount, workerCount, type RunConfig, type Schedule, type SettingDescription } from './config.js';
export {
  checkpointName, latestCheckpoint, listCheckpoints, readCheckpoint, readManifest, readModel, weightsHash, writeCheckpoint,
  type Checkpoint, type CheckpointData, type CheckpointEntry, type CheckpointManifest,
} from './checkpoint.js';
export { EpisodeRecorder, episodeReturn, startEpisode, trainedCount, type Episode, type SparsePolicies } from './episode.js';
export { decodeEpisode, encodeEpisode } from './codec.js';
export { ReplayStore, type StoredEpisode, type StoreOptions, type StoreTotals } from './store.js';
export { importPgn, type ImportOptions, type ImportProgress } from './import/import.js';
export { openRecords, storeFolder, type OpenRecords } from './records.js';
export { workerExecArgv, workerUrl } from './worker-url.js';
export { describeMachine, programVersion } from './machine.js';
export { lockFile } from './lock.js';
export { diskError, replaceFile } from './files.js';
export { Actor, selfPlaySearch, type ActorCounters, type ActorOptions } from './actor.js';
export { Learner, type LearnerOptions, type StepResult } from './learner.js';
export { ReplayWindow, RowWriter, windowSize } from './sampler.js';
export { startingState, trainingParts, type TrainingParts } from './parts.js';
export { createTraining, type Training, type TrainingOptions, type Until } from './loop.js';
export { readRun, readRunInfo, type RunInfo, type RunOptions } from './run-dir.js';
export { readMetrics, type MetricsRow } from './metrics.js';
export type { EvaluationResult, Progress, TrainingEvents, TrainingState } from './events.js';
