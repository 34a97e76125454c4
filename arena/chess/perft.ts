/** Perft with its speed: of one position, and of a file against its figures. */
import { UserError } from '#engine';
import { INITIAL_FEN, MAX_MOVES, type Position, UNDO_WORDS, generateMoves, makeUci, parseFen, perft } from '#games/chess';
import { faultyLine, readChessTable } from './table.js';

export interface PerftResult {
  readonly nodes: number;
  /** Leaves, the last ply counted in bulk; one thread. */
  readonly nodesPerSecond: number;
  /** Leaves below each move, in UCI's coordinates ("divide"); empty at depth 0. */
  readonly moves: Readonly<Record<string, number>>;
}

export interface PerftReport {
  readonly positions: number;
  readonly wrong: readonly { readonly line: number; readonly fen: string; readonly depth: number; readonly nodes: number; readonly expected: number }[];
  /** As of PerftResult, over the whole file. */
  readonly nodesPerSecond: number;
}

const rate = (nodes: number, started: number): number => Math.round((1000 * nodes) / Math.max(1e-3, performance.now() - started));

/** `fen`: also `startpos`. `onProgress` is called after each move of the position. Throws UserError('usage'). */
export function perftPosition(fen: string, depth: number, chess960 = false, onProgress?: (done: number, total: number, nodes: number) => void): PerftResult {
  const parsed = parseFen(fen === 'startpos' ? INITIAL_FEN : fen, { chess960 });
  if (!parsed.ok) throw new UserError('usage', `'${fen.slice(0, 100)}' is no position: ${parsed.error}`);
  const started = performance.now();
  const { nodes, moves } = divide(parsed.value, depth, chess960, onProgress);
  return { nodes, nodesPerSecond: rate(nodes, started), moves };
}

function divide(position: Position, depth: number, chess960: boolean, onProgress?: (done: number, total: number, nodes: number) => void): Pick<PerftResult, 'nodes' | 'moves'> {
  if (depth === 0) return { nodes: 1, moves: {} };
  const list = new Int32Array(MAX_MOVES);
  const undo = new Int32Array(UNDO_WORDS);
  const count = generateMoves(position, list);
  const moves: [string, number][] = [];
  let nodes = 0;
  for (const [i, move] of list.subarray(0, count).entries()) {
    const name = makeUci(position, move, chess960);
    position.make(move, undo, 0);
    const below = perft(position, depth - 1);
    position.unmake(move, undo, 0);
    nodes += below;
    moves.push([name, below]);
    onProgress?.(i + 1, count, nodes);
  }
  return { nodes, moves: Object.fromEntries(moves.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/**
 * Counts every row of a CSV file with the columns `fen,depth,nodes`. The file is read to its end before anything is
 * counted. Throws UserError('data') naming the line of what cannot be read.
 */
export function perftFile(csv: string, file = 'perft file', onProgress?: (done: number, total: number) => void): PerftReport {
  const number = (line: number, name: string, text: string): number => {
    if (!/^\d{1,15}$/.test(text)) throw faultyLine(file, line, `${name} is a whole number, not '${text.slice(0, 40)}'`);
    return Number(text);
  };
  const rows = readChessTable(csv, file, ['depth', 'nodes']).map(({ line, cells, position }) => ({
    line, position, fen: cells.fen, depth: number(line, 'depth', cells.depth), expected: number(line, 'nodes', cells.nodes),
  }));
  const wrong: PerftReport['wrong'][number][] = [];
  let total = 0;
  const started = performance.now();
  for (const [i, { line, position, fen, depth, expected }] of rows.entries()) {
    const nodes = perft(position, depth);
    total += nodes;
    if (nodes !== expected) wrong.push({ line, fen, depth, nodes, expected });
    onProgress?.(i + 1, rows.length);
  }
  return { positions: rows.length, wrong, nodesPerSecond: rate(total, started) };
}
