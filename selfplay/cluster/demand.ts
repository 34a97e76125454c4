/**
 * How many games to ask for at once, and in jobs of which size. A job should take a thread some seconds: long enough that
 * Redis is asked seldom, short enough that a lost one costs little and news of weights are soon used.
 */

/** What a job should take one thread [s]. */
export const JOB_SECONDS = 4;
/** Jobs a second of a whole cluster, at most: beyond, each becomes larger. A tenth of what Redis carries (docs/scaling.md). */
export const MOST_JOBS_PER_SECOND = 500;
/** Jobs that a worker holds beyond one for each thread, so that none waits for the next. */
export const AHEAD = 1;
/** Games in Redis that are not stored yet may take so much of it [bytes]. */
export const MOST_RESULT_BYTES = 128 * 1024 * 1024;
/** Jobs that wait for whoever comes next, as a share of those in work. */
const SPARE = 0.5;
const MOST_GAMES_A_JOB = 4096;
/** Jobs that are kept ready for workers that nobody has heard of yet. */
const FIRST_COMERS = 8;

export interface Demand {
  /** Games of a job. */
  readonly size: number;
  /** Games that may be asked for and not yet stored. */
  readonly total: number;
}

export interface DemandInput {
  /** Threads of all workers, and how many workers there are. */
  readonly threads: number;
  readonly workers: number;
  /** Of all together; 0 while nothing is known. */
  readonly gamesPerSecond: number;
  /** A good guess before anything is known. */
  readonly firstSize: number;
  /** Most games in the queue. */
  readonly limit: number;
  /** Of a game on its way; 0 while nothing is known [bytes]. */
  readonly bytesPerGame: number;
}

export function demand({ threads, workers, gamesPerSecond, firstSize, limit, bytesPerGame }: DemandInput): Demand {
  const bound = Math.max(1, Math.min(limit, bytesPerGame > 0 ? Math.floor(MOST_RESULT_BYTES / bytesPerGame) : limit));
  const seconds = Math.max(JOB_SECONDS, threads / MOST_JOBS_PER_SECOND);
  const wanted = gamesPerSecond > 0 && threads > 0 ? Math.ceil((gamesPerSecond / threads) * seconds) : firstSize;
  // Whoever comes first should find something to do.
  const held = Math.max(FIRST_COMERS, threads + AHEAD * workers);
  const jobs = Math.ceil((1 + SPARE) * held) + 2;
  // With a low limit the jobs get smaller, so that everybody still gets one; but never so small that Redis has more to do.
  const least = Math.min(bound, Math.ceil(gamesPerSecond / MOST_JOBS_PER_SECOND));
  const size = Math.max(1, least, Math.min(MOST_GAMES_A_JOB, wanted, Math.floor(bound / jobs)));
  return { size, total: Math.min(bound, size * jobs) };
}
