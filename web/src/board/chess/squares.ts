/** Squares and what stands on them, without the rules: 0 is a1, 7 is h1, 63 is h8. */

/** A piece's letter as in FEN, capitals for White; '' for an empty square. */
export type PieceLetter = string;

export const INITIAL_PLACEMENT = 'rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR';

/** [64] from FEN's first field, which has been checked. */
export function placement(fen: string): PieceLetter[] {
  const squares: PieceLetter[] = Array.from({ length: 64 }, () => '');
  for (const [row, rank] of fen.split(' ')[0].split('/').entries()) {
    let file = 0;
    for (const letter of rank) {
      if (letter >= '1' && letter <= '8') file += Number(letter);
      else squares[8 * (7 - row) + file++] = letter;
    }
  }
  return squares;
}

/** FEN's first field. */
export function makePlacement(squares: readonly PieceLetter[]): string {
  const rows = Array.from({ length: 8 }, (_, row) => Array.from({ length: 8 }, (__, file) => squares[8 * (7 - row) + file] || '1').join(''));
  return rows.join('/').replaceAll(/1+/g, (run) => String(run.length));
}

export const squareName = (square: number): string => `${'abcdefgh'[square & 7]}${(square >> 3) + 1}`;

/** The cell of the drawing (0 top left, row by row) on which a square lies, and back: turning it twice changes nothing. */
export const cellOfSquare = (square: number, flipped: boolean): number => (flipped ? 8 * (square >> 3) + 7 - (square & 7) : 8 * (7 - (square >> 3)) + (square & 7));
export const squareOfCell = (cell: number, flipped: boolean): number => (flipped ? 8 * (cell >> 3) + 7 - (cell & 7) : 8 * (7 - (cell >> 3)) + (cell & 7));

const names: Readonly<Record<string, string>> = { p: 'pawn', n: 'knight', b: 'bishop', r: 'rook', q: 'queen', k: 'king' };

/** "white knight". */
export const pieceWords = (piece: PieceLetter): string => `${piece === piece.toUpperCase() ? 'white' : 'black'} ${names[piece.toLowerCase()]}`;
