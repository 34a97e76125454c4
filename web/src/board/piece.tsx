/** A seat's piece, told apart by shape as well as by colour: a ring inside for the first seat, a solid core for the second. */

/** Inside an svg, centred on (0, 0), filling a circle of radius 40. */
export function Disc({ seat }: { seat: number }) {
  return (
    <g class={`disc seat${seat}`}>
      <circle class="disc-edge" r="40" />
      <circle class="disc-face" r="36.5" />
      {seat === 0 ? <circle class="disc-ring" r="22" /> : <circle class="disc-core" r="15" />}
    </g>
  );
}

/** Tic-tac-toe's cross and nought, centred on (0, 0). */
export function Mark({ seat }: { seat: number }) {
  return seat === 0 ? (
    <g class="mark seat0">
      <path pathLength="1" d="M-25 -25 L25 25" />
      <path pathLength="1" class="second" d="M25 -25 L-25 25" />
    </g>
  ) : (
    <g class="mark seat1">
      <circle pathLength="1" r="28" />
    </g>
  );
}

/** A piece as a small picture in running text; its name stands beside it, so it is hidden from screen readers. */
export function PieceIcon({ game, seat, size = 20 }: { game: string; seat: number; size?: number }) {
  return (
    <svg class="piece-icon" viewBox="-44 -44 88 88" width={size} height={size} aria-hidden="true">
      {game === 'tic-tac-toe' ? <Mark seat={seat} /> : game === 'chess' ? <circle class={`chess-side seat${seat}`} r="32" /> : <Disc seat={seat} />}
    </svg>
  );
}

/** What the piece is called: the words that labels and announcements use. */
export function pieceName(game: string, seat: number): string {
  if (game === 'tic-tac-toe') return seat === 0 ? 'X' : 'O';
  if (game === 'chess') return seat === 0 ? 'White' : 'Black';
  return seat === 0 ? 'Amber' : 'Blue';
}
