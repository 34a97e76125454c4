/** A chess position as a picture, from the text that the game draws of it. */

/** [64]: a letter as in FEN, or '.', from a8 to h1; undefined when the text is no chess board. */
export function chessSquares(text: string): string[] | undefined {
  const squares = text.split('\n').flatMap((line) => {
    const row = /^[1-8]\s+((?:[.a-zA-Z] ){7}[.a-zA-Z])\s*$/.exec(line);
    return row === null ? [] : row[1].split(' ');
  });
  return squares.length === 64 ? squares : undefined;
}

/** Squares on which something else stands than before, ascending: where the last move began and ended. */
export function changedSquares(before: readonly string[] | undefined, after: readonly string[]): number[] {
  return before === undefined ? [] : after.flatMap((piece, i) => (before[i] === piece ? [] : [i]));
}

/** Filled shapes for both sides, told apart by their colour and outline; the selector keeps phones from drawing emoji. */
const shapes: Record<string, string> = { k: '\u265a', q: '\u265b', r: '\u265c', b: '\u265d', n: '\u265e', p: '\u265f' };
const TEXT_FORM = '\ufe0e';

export function ChessPicture({ squares, changed }: { squares: readonly string[]; changed: readonly number[] }) {
  return (
    <svg class="chess-picture" viewBox="0 0 800 830" aria-hidden="true">
      {squares.map((piece, i) => {
        const [x, y] = [(i % 8) * 100, Math.floor(i / 8) * 100];
        return (
          <g key={i} transform={`translate(${x} ${y})`}>
            <rect class={(i + Math.floor(i / 8)) % 2 === 0 ? 'square pale' : 'square deep'} width="100" height="100" />
            {changed.includes(i) && <rect class="changed" x="4" y="4" width="92" height="92" rx="6" />}
            {piece !== '.' && <text class={piece === piece.toUpperCase() ? 'chessman white' : 'chessman black'} x="50" y="78">{shapes[piece.toLowerCase()]}{TEXT_FORM}</text>}
          </g>
        );
      })}
      {[...'abcdefgh'].map((file, i) => <text key={file} class="file-name" x={i * 100 + 50} y="822">{file}</text>)}
    </svg>
  );
}
