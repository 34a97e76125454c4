/** For the server's own tests and benchmarks: clients, servers in processes of their own, load. */
export { runLoad } from './load.js';
export type { LoadOptions, LoadResult } from './load.js';
