/** The server under load, clients in this process and the server in another: how soon moves are acknowledged, and whether anything is lost. */
import { runLoad, type LoadResult } from '#arena/server/testing';

export interface ServerBenchmark extends LoadResult {
  readonly game: string;
  readonly games: number;
  readonly connections: number;
  readonly movesPerSecondAndGame: number;
  readonly seconds: number;
}

/** 50 games of Connect Four, each watched by four connections, five random moves a second in each. */
export async function benchServer({ seconds }: { readonly seconds: number }): Promise<ServerBenchmark> {
  const load = { game: 'connect4', games: 50, connections: 200, movesPerSecond: 5, seconds };
  const { movesPerSecond, ...about } = load;
  return { ...about, movesPerSecondAndGame: movesPerSecond, ...await runLoad(load) };
}
