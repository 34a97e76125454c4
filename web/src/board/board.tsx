/**
 * A board to play on: the drawing, and over it an invisible grid of cells that carries pointer, keyboard and screen
 * reader. Arrow keys move between cells, Enter or Space plays, and the digits of the notation play at once.
 */
import { useRef, useState } from 'preact/hooks';
import { BoardPicture, type ActionMark } from './picture.js';
import { EMPTY, cellName, cellOf, type BoardLayout, type BoardShape } from './layout.js';
import { pieceName } from './piece.js';
import { arrowTarget, typedAction } from './keys.js';

export interface BoardProps {
  readonly shape: BoardShape;
  readonly layout: BoardLayout;
  readonly ply: number;
  readonly animate: boolean;
  readonly label: string;
  /** Actions that may be played now with their notation; empty while it is not one's turn. */
  readonly legal: readonly { readonly action: number; readonly name: string }[];
  /** Whose piece a click places. */
  readonly seat: number;
  readonly marks?: readonly ActionMark[];
  readonly hint?: number;
  readonly onPlay: (action: number) => void;
}

export function Board(props: BoardProps) {
  const { shape, layout, legal, seat, onPlay } = props;
  const [focused, setFocused] = useState(() => (shape.drops ? Math.floor(shape.columns / 2) : Math.floor((shape.columns * shape.rows) / 2)));
  const [over, setOver] = useState<number>();
  const grid = useRef<HTMLDivElement>(null);

  const actionOf = (cell: number) => (shape.drops ? cell % shape.columns : cell);
  const playable = (cell: number) => legal.some((l) => l.action === actionOf(cell));

  function play(cell: number): void {
    if (playable(cell)) onPlay(actionOf(cell));
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typed = typedAction(shape, event.key);
    const target = arrowTarget(shape, focused, event.key);
    if (typed !== undefined) {
      if (legal.some((l) => l.action === typed)) onPlay(typed);
    } else if (event.key === 'Enter' || event.key === ' ') {
      play(focused);
    } else if (target !== undefined) {
      setFocused(target);
      setOver(actionOf(target));
      grid.current?.querySelector<HTMLElement>(`[data-cell="${target}"]`)?.focus();
    } else {
      return;
    }
    event.preventDefault();
  }

  const preview = over !== undefined && legal.some((l) => l.action === over) ? { action: over, seat } : undefined;
  return (
    <div class={`board ${shape.id}`}>
      <div class="board-area">
        <BoardPicture shape={shape} layout={layout} ply={props.ply} animate={props.animate} preview={preview} marks={props.marks} hint={props.hint} />
        <div ref={grid} class="board-grid" role="grid" aria-label={props.label} aria-readonly={legal.length === 0} onKeyDown={onKeyDown} onPointerLeave={() => setOver(undefined)}>
          {Array.from({ length: shape.rows }, (_, row) => (
            <div role="row" class="board-row" key={row}>
              {Array.from({ length: shape.columns }, (_, column) => {
                const cell = row * shape.columns + column;
                return (
                  <div
                    role="gridcell" class={playable(cell) ? 'cell playable' : 'cell'} key={cell} data-cell={cell} tabIndex={cell === focused ? 0 : -1}
                    aria-label={describe(props, cell)}
                    onClick={() => { setFocused(cell); play(cell); }}
                    onPointerEnter={(event) => event.pointerType === 'mouse' && setOver(actionOf(cell))}
                    onFocus={() => setFocused(cell)}
                    onBlur={() => setOver(undefined)}
                  />
                );
              })}
            </div>
          ))}
        </div>
      </div>
      {shape.drops && (
        <div class="board-columns number" aria-hidden="true">
          {Array.from({ length: shape.columns }, (_, column) => <span key={column}>{column + 1}</span>)}
        </div>
      )}
    </div>
  );
}

/** What a screen reader says of a cell. */
function describe({ shape, layout, legal, hint }: BoardProps, cell: number): string {
  const content = layout.cells[cell] === EMPTY ? 'empty' : pieceName(shape.id, layout.cells[cell]);
  const notes = [
    ...(cell === layout.last ? ['last move'] : []),
    ...(layout.line.includes(cell) ? ['in the winning line'] : []),
    ...(hint !== undefined && cellOf(shape, layout.cells, hint) === cell ? ['hint'] : []),
  ];
  const action = legal.find((l) => l.action === (shape.drops ? cell % shape.columns : cell));
  if (action !== undefined && layout.cells[cell] === EMPTY) notes.push(shape.drops ? `Enter drops into column ${action.name}` : `Enter plays ${action.name}`);
  return [`${cellName(shape, cell)}: ${content}`, ...notes].join(', ');
}
