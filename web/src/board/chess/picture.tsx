/** The chess board as a drawing, without rules or behaviour: cards, replays and the interactive board share it. */
import { Chessman } from './pieces.js';
import { type PieceLetter, cellOfSquare, squareName } from './squares.js';

/** From one square to another: a hint, an expected move, a move that was thought of. */
export interface Arrow {
  readonly from: number;
  readonly to: number;
  readonly kind: 'hint' | 'line' | 'reply' | 'thought' | 'best';
  /** In [0, 1]: how broad it is. */
  readonly weight: number;
  readonly text?: string;
}

export interface ChessPictureProps {
  /** [64]. */
  readonly squares: readonly PieceLetter[];
  readonly flipped?: boolean;
  /** Letters and digits at the edge; default true. */
  readonly coordinates?: boolean;
  /** Where the last move began and ended. */
  readonly last?: readonly number[];
  /** Square of a king in check. */
  readonly check?: number;
  /** Where the piece comes from that moves in now; with `ply`, which tells one move from the next. */
  readonly entering?: { readonly from: number; readonly to: number; readonly ply: number };
  readonly selected?: number;
  /** Squares that the selected piece may go to. */
  readonly targets?: readonly number[];
  readonly arrows?: readonly Arrow[];
  /** The piece that is being dragged: lifted to these coordinates of the drawing. */
  readonly dragged?: { readonly square: number; readonly x: number; readonly y: number };
}

const corner = (square: number, flipped: boolean): readonly [number, number] => {
  const cell = cellOfSquare(square, flipped);
  return [100 * (cell & 7), 100 * (cell >> 3)];
};

export function ChessPicture(props: ChessPictureProps) {
  const { squares, flipped = false, coordinates = true, last = [], check, selected, targets = [], arrows = [], entering, dragged } = props;
  const at = (square: number): string => `translate(${corner(square, flipped).join(' ')})`;
  return (
    <svg class="chess-picture" viewBox="0 0 800 800" aria-hidden="true">
      {squares.map((_, square) => {
        const [x, y] = corner(square, flipped);
        const pale = ((square & 7) + (square >> 3)) % 2 === 1;
        return <rect key={square} class={pale ? 'square pale' : 'square deep'} x={x} y={y} width="100" height="100" />;
      })}
      {last.map((square) => <rect key={`last${square}`} class="square-last" transform={at(square)} width="100" height="100" />)}
      {selected !== undefined && <rect class="square-selected" transform={at(selected)} width="100" height="100" />}
      {check !== undefined && <rect class="square-check" transform={at(check)} x="4" y="4" width="92" height="92" rx="8" />}
      {coordinates && <Coordinates flipped={flipped} />}
      {squares.map((piece, square) => {
        if (piece === '' || square === dragged?.square) return null;
        const moved = entering?.to === square;
        const [x, y] = corner(square, flipped);
        const [fromX, fromY] = moved ? corner(entering.from, flipped) : [x, y];
        return (
          <g key={moved ? `${square}:${entering.ply}` : square} transform={at(square)}>
            <g class={moved ? 'entering' : undefined} style={moved ? { '--from-x': `${fromX - x}px`, '--from-y': `${fromY - y}px` } : undefined}><Chessman piece={piece} /></g>
          </g>
        );
      })}
      {targets.map((square) => squares[square] === ''
        ? <circle key={square} class="target" transform={at(square)} cx="50" cy="50" r="15" />
        : <circle key={square} class="target taken" transform={at(square)} cx="50" cy="50" r="44" />)}
      {arrows.map((arrow) => <ArrowPicture key={`${arrow.kind}${arrow.from}-${arrow.to}`} arrow={arrow} flipped={flipped} />)}
      {dragged !== undefined && <g class="dragged" transform={`translate(${dragged.x - 50} ${dragged.y - 50})`}><Chessman piece={squares[dragged.square]} /></g>}
    </svg>
  );
}

function Coordinates({ flipped }: { flipped: boolean }) {
  return (
    <g class="coordinates">
      {Array.from({ length: 8 }, (_, i) => {
        const file = squareName(flipped ? 63 - i : i);
        const rank = squareName(flipped ? 8 * i : 8 * (7 - i));
        // Each is written in the colour of the other kind of square.
        return [
          <text key={`file${i}`} class={i % 2 === 0 ? 'on-deep' : 'on-pale'} x={100 * i + 94} y="793" text-anchor="end">{file[0]}</text>,
          <text key={`rank${i}`} class={i % 2 === 0 ? 'on-pale' : 'on-deep'} x="6" y={100 * i + 23}>{rank[1]}</text>,
        ];
      })}
    </g>
  );
}

function ArrowPicture({ arrow, flipped }: { arrow: Arrow; flipped: boolean }) {
  const [x0, y0] = corner(arrow.from, flipped).map((v) => v + 50);
  const [x1, y1] = corner(arrow.to, flipped).map((v) => v + 50);
  const length = Math.hypot(x1 - x0, y1 - y0);
  const [dx, dy] = [(x1 - x0) / length, (y1 - y0) / length];
  const half = 5 + 9 * arrow.weight;
  const head = 24 + 16 * arrow.weight;
  const tip = length - 14;
  const neck = tip - head;
  // Drawn along the x axis, then turned.
  const path = `M26 ${-half}H${neck}V${-half - head / 2.2}L${tip} 0L${neck} ${half + head / 2.2}V${half}H26z`;
  return (
    <g class={`arrow as-${arrow.kind}`}>
      <path transform={`matrix(${dx} ${dy} ${-dy} ${dx} ${x0} ${y0})`} d={path} />
      {arrow.text !== undefined && <text x={x1} y={y1 + 8}>{arrow.text}</text>}
    </g>
  );
}
