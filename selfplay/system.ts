/** Files, locks and worker threads, for those who have nothing to do with learning: a network's runtime loads slowly. */
export { diskError, makeFolder, replaceFile } from './files.js';
export { lockFile } from './lock.js';
export { workerExecArgv, workerUrl } from './worker-url.js';
export { checkStoreFile, storeError } from './store.js';
