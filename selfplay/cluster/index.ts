/** A run or a tournament on many machines: coordinators, workers, and what passes between them (BullMQ on Redis). */
export { redisAddress, redisError, connectRedis, DEFAULT_REDIS, type RedisAddress } from './redis.js';
export { DEFAULT_CLUSTER, Keys } from './keys.js';
export { DEFAULT_QUEUE_GAMES, remoteActors, type ClusterOptions } from './remote-actors.js';
export { Coordinator, type CoordinatorOptions } from './coordinator.js';
export { Courier } from './deliver.js';
export { fetchBlob, openPlace, sha256, type BlobPlace } from './blobs.js';
export { makeFrames, parseFrames } from './frames.js';
export { blobSchema, buildOf, parseData, parseMessage, type ResultHead, type Work, type WorkerReport, type WorkStatus } from './messages.js';
export { PoisonedJob, type Job, type OpenWork, type WorkKind, type WorkReport, type WorkerHost } from './kind.js';
export { selfPlayKind } from './self-play.js';
export { startWorker, type ClusterWorker, type WorkerOptions } from './worker.js';
export { clusterStatusSchema, openStatus, type ClusterStatus, type StatusReader } from './status.js';
