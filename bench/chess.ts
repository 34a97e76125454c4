/** How fast the rules of chess are on one thread, side by side with chess.js. */
import { OVER, createRng } from '#engine';
import { ChessState, INITIAL_FEN, chess, generateMoves, makePgn, MAX_MOVES, makeSan, parseFen, parsePgn, parseSan, perft } from '#games/chess';
import type { PgnGame, Position } from '#games/chess';

export interface ChessBenchmark {
  /** Leaves a second, the last ply counted in bulk; three positions. */
  perftNodesPerSecond: number;
  /** chess.js's own `perft`, the same positions one ply less deep (it makes every leaf); left out when chess.js is not installed. */
  chessJsNodesPerSecond?: number;
  ratio?: number;
  /** Plies of uniformly random games a second: `legal` and `apply`, then `playout`. */
  stepsPerSecond: number;
  playoutPliesPerSecond: number;
  /** Moves written and read in SAN a second. */
  sanWritesPerSecond: number;
  sanReadsPerSecond: number;
  /** Games of 80 plies written and read as PGN a second. */
  pgnWritesPerSecond: number;
  pgnReadsPerSecond: number;
}

/** The starting position, "Kiwipete" (Peter McKenzie) and a quiet middle game, by depth; chess.js goes one ply less deep. */
const POSITIONS = [
  [INITIAL_FEN, 4],
  ['r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1', 3],
  ['r4rk1/1pp1qppp/p1np1n2/2b1p1B1/2B1P1b1/P1NP1N2/1PP1QPPP/R4RK1 w - - 0 10', 3],
] as const;

interface Work {
  /** Does some work and returns its units. */
  readonly run: () => number;
  rate: number;
}

/** Best rate of each, a second; the works take turns, so that a slow spell of the machine meets all alike. */
function measure(works: readonly Work[], seconds: number): void {
  const slice = (1000 * seconds) / (works.length * ROUNDS);
  for (let round = 0; round < ROUNDS; round++) {
    for (const work of works) {
      const start = performance.now();
      let units = 0;
      let elapsed = 0;
      do {
        units += work.run();
        elapsed = performance.now() - start;
      } while (elapsed < slice);
      if (round > 0) work.rate = Math.max(work.rate, Math.round((1000 * units) / elapsed));
    }
  }
}
const ROUNDS = 4;

function positionOf(fen: string): Position {
  const parsed = parseFen(fen);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

/** Random games of 80 plies. */
function randomGames(count: number): PgnGame[] {
  const rng = createRng('bench chess');
  const legal = new Int32Array(chess.actionCount);
  const games: PgnGame[] = [];
  while (games.length < count) {
    const state = new ChessState();
    const actions: number[] = [];
    while (state.turn !== OVER && actions.length < 80) {
      actions.push(legal[rng.below(state.legal(legal))]);
      state.apply(actions[actions.length - 1]);
    }
    if (actions.length === 80) games.push({ tags: [], fen: INITIAL_FEN, actions, result: '*' });
  }
  return games;
}

function steps(playout: boolean): () => number {
  const rng = createRng('bench chess steps');
  const legal = new Int32Array(chess.actionCount);
  const root = new ChessState();
  const state = new ChessState();
  return () => {
    state.copyFrom(root);
    if (playout) state.playout(rng);
    else while (state.turn !== OVER) state.apply(legal[rng.below(state.legal(legal))]);
    return state.plies;
  };
}

/** Every legal move of the perft positions, written or read. */
function san(write: boolean): () => number {
  const cases: [Position, number, string][] = [];
  const moves = new Int32Array(MAX_MOVES);
  for (const [fen] of POSITIONS) {
    const position = positionOf(fen);
    for (let i = generateMoves(position, moves) - 1; i >= 0; i--) cases.push([position, moves[i], makeSan(position, moves[i])]);
  }
  return () => {
    let units = 0;
    for (const [position, move, text] of cases) if (write ? makeSan(position, move) === text : parseSan(position, text) === move) units++;
    if (units !== cases.length) throw new Error('SAN is not read back');
    return units;
  };
}

/** Takes about `seconds` in all. */
export async function benchChess(options: { readonly seconds: number }): Promise<ChessBenchmark> {
  const work = (run: () => number): Work => ({ run, rate: 0 });
  const positions = POSITIONS.map(([fen, depth]) => [positionOf(fen), depth] as const);
  let turn = 0;
  const own = work(() => {
    const [position, depth] = positions[turn++ % positions.length];
    return perft(position, depth);
  });
  // A development dependency: not there in an installed program.
  const library = await import('chess.js').catch(() => undefined);
  let other: Work | undefined;
  if (library !== undefined) {
    const boards = POSITIONS.map(([fen, depth]) => [new library.Chess(fen), depth] as const);
    let next = 0;
    other = work(() => {
      const [board, depth] = boards[next++ % boards.length];
      return board.perft(depth - 1);
    });
  }
  const games = randomGames(20);
  const texts = games.map(makePgn);
  const stepping = work(steps(false));
  const playing = work(steps(true));
  const writingSan = work(san(true));
  const readingSan = work(san(false));
  const writing = work(() => games.map(makePgn).length);
  const reading = work(() => texts.filter((text) => parsePgn(text).ok).length);
  measure([own, ...(other === undefined ? [] : [other]), stepping, playing, writingSan, readingSan, writing, reading], options.seconds);
  return {
    perftNodesPerSecond: own.rate,
    ...(other === undefined ? {} : { chessJsNodesPerSecond: other.rate, ratio: Math.round((10 * own.rate) / other.rate) / 10 }),
    stepsPerSecond: stepping.rate,
    playoutPliesPerSecond: playing.rate,
    sanWritesPerSecond: writingSan.rate,
    sanReadsPerSecond: readingSan.rate,
    pgnWritesPerSecond: writing.rate,
    pgnReadsPerSecond: reading.rate,
  };
}
