/** The board as a drawing, without any behaviour: what the interactive board, the live board and the game cards share. */
import { Disc, Mark } from './piece.js';
import { EMPTY, cellOf, type BoardLayout, type BoardShape } from './layout.js';

/** What a layer of the agent's thoughts shows for one action. */
export interface ActionMark {
  readonly action: number;
  /** In [0, 1]: how strongly the cell is tinted. */
  readonly weight: number;
  readonly text: string;
  readonly best: boolean;
}

export interface PictureProps {
  readonly shape: BoardShape;
  readonly layout: BoardLayout;
  /** The newest piece drops in or is drawn, instead of standing there at once. */
  readonly animate?: boolean;
  /** A ghost of the piece that a click would place. */
  readonly preview?: { readonly action: number; readonly seat: number };
  readonly marks?: readonly ActionMark[];
  /** An action to point out. */
  readonly hint?: number;
  /** Changes with every piece, so that a new one is a new element and plays its entrance. */
  readonly ply: number;
}

/** Units of the drawing: a cell is 100 wide. */
const CELL = 100;
const PAD = 14;

const centre = (shape: BoardShape, cell: number) => [(cell % shape.columns) * CELL + CELL / 2, Math.floor(cell / shape.columns) * CELL + CELL / 2] as const;

export function BoardPicture(props: PictureProps) {
  const { shape } = props;
  const width = shape.columns * CELL;
  const height = shape.rows * CELL;
  return (
    <svg class={`picture ${shape.drops ? 'drops' : 'places'}`} viewBox={`${-PAD} ${-PAD} ${width + 2 * PAD} ${height + 2 * PAD}`} aria-hidden="true">
      {shape.drops ? <DropBoard {...props} /> : <CellBoard {...props} />}
      <Marks {...props} />
      <WinningLine {...props} />
    </svg>
  );
}

/** One path with round holes, so that falling pieces pass behind the frame. */
function framePath(shape: BoardShape): string {
  const width = shape.columns * CELL + 2 * PAD;
  const height = shape.rows * CELL + 2 * PAD;
  const r = 26;
  let path = `M${-PAD + r} ${-PAD}h${width - 2 * r}a${r} ${r} 0 0 1 ${r} ${r}v${height - 2 * r}a${r} ${r} 0 0 1 ${-r} ${r}h${-(width - 2 * r)}a${r} ${r} 0 0 1 ${-r} ${-r}v${-(height - 2 * r)}a${r} ${r} 0 0 1 ${r} ${-r}z`;
  for (let cell = 0; cell < shape.columns * shape.rows; cell++) {
    const [x, y] = centre(shape, cell);
    path += `M${x - 40} ${y}a40 40 0 1 0 80 0a40 40 0 1 0 -80 0z`;
  }
  return path;
}

function DropBoard({ shape, layout, animate, preview, ply }: PictureProps) {
  const target = preview === undefined ? -1 : cellOf(shape, layout.cells, preview.action);
  return (
    <>
      <rect class="board-back" x={-PAD / 2} y={-PAD / 2} width={shape.columns * CELL + PAD} height={shape.rows * CELL + PAD} rx="20" />
      {[...layout.cells].map((seat, cell) => {
        if (seat === EMPTY) return null;
        const [x, y] = centre(shape, cell);
        const falling = animate === true && cell === layout.last;
        return (
          <g key={falling ? `${cell}:${ply}` : cell} transform={`translate(${x} ${y})`}>
            <g class={falling ? 'falling' : undefined} style={falling ? { '--from': `${-(y + 56)}px`, '--rows': String(Math.floor(cell / shape.columns) + 1) } : undefined}>
              <Disc seat={seat} />
              {cell === layout.last && <circle class="last-ring" r="31" />}
            </g>
          </g>
        );
      })}
      <path class="board-frame" fill-rule="evenodd" d={framePath(shape)} />
      {preview !== undefined && target >= 0 && (
        <g class="preview" transform={`translate(${centre(shape, target).join(' ')})`}><Disc seat={preview.seat} /></g>
      )}
    </>
  );
}

function CellBoard({ shape, layout, animate, preview, ply }: PictureProps) {
  const lines: string[] = [];
  for (let i = 1; i < shape.columns; i++) lines.push(`M${i * CELL} 6V${shape.rows * CELL - 6}`);
  for (let i = 1; i < shape.rows; i++) lines.push(`M6 ${i * CELL}H${shape.columns * CELL - 6}`);
  const [lastX, lastY] = layout.last < 0 ? [0, 0] : centre(shape, layout.last);
  return (
    <>
      {layout.last >= 0 && <rect class="last-cell" x={lastX - 44} y={lastY - 44} width="88" height="88" rx="14" />}
      <path class="board-lines" d={lines.join('')} />
      {[...layout.cells].map((seat, cell) => {
        if (seat === EMPTY) return null;
        const drawn = animate === true && cell === layout.last;
        return (
          <g key={drawn ? `${cell}:${ply}` : cell} class={drawn ? 'drawn' : undefined} transform={`translate(${centre(shape, cell).join(' ')})`}><Mark seat={seat} /></g>
        );
      })}
      {preview !== undefined && cellOf(shape, layout.cells, preview.action) >= 0 && (
        <g class="preview" transform={`translate(${centre(shape, preview.action).join(' ')})`}><Mark seat={preview.seat} /></g>
      )}
    </>
  );
}

function Marks({ shape, layout, marks = [], hint }: PictureProps) {
  const hintCell = hint === undefined ? -1 : cellOf(shape, layout.cells, hint);
  return (
    <>
      {marks.map(({ action, weight, text, best }) => {
        const cell = cellOf(shape, layout.cells, action);
        if (cell < 0) return null;
        const [x, y] = centre(shape, cell);
        return (
          <g key={action} class={best ? 'thought best' : 'thought'} transform={`translate(${x} ${y})`}>
            <circle class="thought-fill" r="38" fill-opacity={(0.08 + 0.62 * weight).toFixed(3)} />
            <text y="9">{text}</text>
          </g>
        );
      })}
      {hintCell >= 0 && (
        <g class="hint" transform={`translate(${centre(shape, hintCell).join(' ')})`}>
          <circle r="36" />
          <path d="M-13 1 L-4 11 L14 -11" />
        </g>
      )}
    </>
  );
}

function WinningLine({ shape, layout }: PictureProps) {
  return (
    <>
      {layout.line.map((cell) => (
        <circle key={cell} class="winner" cx={centre(shape, cell)[0]} cy={centre(shape, cell)[1]} r={shape.drops ? 42 : 45} />
      ))}
    </>
  );
}
