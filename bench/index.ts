/** The benchmarks by name. Each takes about `seconds` in all and returns a plain object. */
import type { DeviceChoice } from '#engine/node';
import { benchBrowser } from './browser.js';
import { benchChess } from './chess.js';
import { benchChessSearch } from './chess-search.js';
import { benchClassical } from './classical.js';
import { benchDqn } from './dqn.js';
import { benchGames } from './games.js';
import { benchInference } from './inference.js';
import { benchMinatar } from './minatar.js';
import { benchMuZero } from './muzero.js';
import { benchReplay } from './replay.js';
import { benchSearch } from './search.js';
import { benchSelfplay } from './selfplay.js';
import { benchServer } from './server.js';
import { benchTraining } from './training.js';

export interface BenchmarkOptions {
  readonly seconds: number;
  readonly device: DeviceChoice;
}

export const benchmarks = {
  selfplay: benchSelfplay,
  inference: benchInference,
  training: benchTraining,
  dqn: benchDqn,
  muzero: benchMuZero,
  search: benchSearch,
  replay: benchReplay,
  games: async (options: BenchmarkOptions) => benchGames(options),
  chess: async (options: BenchmarkOptions) => benchChess(options),
  'chess-search': benchChessSearch,
  classical: async () => benchClassical(),
  browser: benchBrowser,
  server: benchServer,
  minatar: async (options: BenchmarkOptions) => benchMinatar(options),
} satisfies Record<string, (options: BenchmarkOptions) => Promise<object>>;

export type BenchmarkName = keyof typeof benchmarks;
