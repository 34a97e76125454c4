/**
 * The lines of the Universal Chess Interface (Stefan Meyer-Kahlen, 2004), read once into a closed union. As the protocol
 * asks, unknown words before a command and unknown words of `go` are passed over.
 */

/** What `go` says; milliseconds, nodes, plies. */
export interface GoCommand {
  readonly kind: 'go';
  readonly nodes?: number;
  readonly depth?: number;
  readonly movetime?: number;
  readonly wtime?: number;
  readonly btime?: number;
  readonly winc?: number;
  readonly binc?: number;
  readonly movestogo?: number;
  readonly mate?: number;
  readonly infinite: boolean;
  readonly ponder: boolean;
  /** In UCI's coordinates; empty: all. */
  readonly searchmoves: readonly string[];
  /** Words that were passed over. */
  readonly ignored: readonly string[];
}

interface PlainCommand {
  readonly kind: 'uci' | 'isready' | 'ucinewgame' | 'stop' | 'ponderhit' | 'quit' | 'display' | 'empty';
}

export type UciCommand =
  | PlainCommand
  | { readonly kind: 'setoption'; readonly name: string; readonly value: string | undefined }
  /** `fen` undefined: the starting position. */
  | { readonly kind: 'position'; readonly fen: string | undefined; readonly moves: readonly string[] }
  | GoCommand
  | { readonly kind: 'unknown' }
  | { readonly kind: 'wrong'; readonly message: string };

const plain: Readonly<Record<string, PlainCommand>> = {
  uci: { kind: 'uci' }, isready: { kind: 'isready' }, ucinewgame: { kind: 'ucinewgame' }, stop: { kind: 'stop' }, ponderhit: { kind: 'ponderhit' },
  quit: { kind: 'quit' }, d: { kind: 'display' },
  // Heard, and of no consequence here.
  debug: { kind: 'empty' }, register: { kind: 'empty' },
};

/** Longest line that is looked at: a game of 1,024 plies takes some 5,200 characters. */
const MAX_LINE = 100_000;

export function parseCommand(line: string): UciCommand {
  if (line.length > MAX_LINE) return { kind: 'wrong', message: `a line of ${line.length} characters is passed over` };
  const words = line.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return { kind: 'empty' };
  for (const [i, word] of words.entries()) {
    if (Object.hasOwn(plain, word)) return plain[word];
    if (word === 'setoption') return parseOption(words.slice(i + 1));
    if (word === 'position') return parsePosition(words.slice(i + 1));
    if (word === 'go') return parseGo(words.slice(i + 1));
  }
  return { kind: 'unknown' };
}

function parseOption(words: readonly string[]): UciCommand {
  if (words[0] !== 'name') return { kind: 'wrong', message: 'setoption goes: setoption name NAME value VALUE' };
  const at = words.indexOf('value');
  const name = words.slice(1, at < 0 ? undefined : at).join(' ');
  return name === '' ? { kind: 'wrong', message: 'setoption names no option' } : { kind: 'setoption', name, value: at < 0 ? undefined : words.slice(at + 1).join(' ') };
}

function parsePosition(words: readonly string[]): UciCommand {
  const at = words.indexOf('moves');
  const start = words.slice(0, at < 0 ? undefined : at);
  const moves = at < 0 ? [] : words.slice(at + 1);
  if (start.length === 1 && start[0] === 'startpos') return { kind: 'position', fen: undefined, moves };
  if (start.length > 1 && start[0] === 'fen') return { kind: 'position', fen: start.slice(1).join(' '), moves };
  return { kind: 'wrong', message: 'position goes: position startpos moves …, or position fen FEN moves …' };
}

const numbers = ['nodes', 'depth', 'movetime', 'wtime', 'btime', 'winc', 'binc', 'movestogo', 'mate'] as const;

function parseGo(words: readonly string[]): GoCommand {
  const found: Partial<Record<(typeof numbers)[number], number>> = {};
  const searchmoves: string[] = [];
  const ignored: string[] = [];
  let [infinite, ponder] = [false, false];
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    const name = numbers.find((known) => known === word);
    if (name !== undefined) {
      // A clock may have run below zero.
      const value = /^-?\d{1,15}$/.test(words[i + 1] ?? '') ? Number(words[++i]) : undefined;
      if (value === undefined) ignored.push(word);
      else found[name] = Math.max(0, value);
    } else if (word === 'infinite') infinite = true;
    else if (word === 'ponder') ponder = true;
    else if (word === 'searchmoves') while (/^[a-h][1-8][a-h][1-8][nbrq]?$/.test(words[i + 1] ?? '')) searchmoves.push(words[++i]);
    else ignored.push(word);
  }
  return { kind: 'go', ...found, infinite, ponder, searchmoves, ignored };
}
