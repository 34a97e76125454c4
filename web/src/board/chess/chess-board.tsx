/**
 * Chess to play on: the drawing, and over it an invisible grid that carries pointer, keyboard and screen reader. A piece
 * is dragged, or chosen by a click, a tap or Enter and then sent the same way; Escape lets go of it.
 */
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import '../../styles/chess.css';
import { FlipIcon } from '../../ui/icons.js';
import { arrowTarget } from '../keys.js';
import type { GameBoardProps } from '../game-board.js';
import { type Arrow, ChessPicture } from './picture.js';
import { Promotion } from './promotion.js';
import { cellOfSquare, pieceWords, squareName, squareOfCell } from './squares.js';
import { type ChessMove, chessState, movesOf, pathOf, viewOf } from './view.js';

const GRID = { id: 'chess', columns: 8, rows: 8, inARow: 8, drops: false } as const;
/** Marks of the agent's thoughts that are drawn: more would hide the board. */
const MOST_MARKS = 6;
/** Moves of the expected line that are drawn. */
const LINE_MOVES = 3;

interface Drag { readonly square: number; readonly x: number; readonly y: number; readonly moved: boolean }

export function ChessBoard(props: GameBoardProps) {
  const { setup, actions, legal, onPlay } = props;
  const game = useMemo(() => chessState(setup, actions), [setup, actions.join()]);
  const view = useMemo(() => viewOf(game), [game]);
  const moves = useMemo(() => movesOf(game.state, legal), [game, legal]);
  const [turned, setTurned] = useState(false);
  const [showLine, setShowLine] = useState(true);
  const [selected, setSelected] = useState<number>();
  const [promoting, setPromoting] = useState<readonly ChessMove[]>();
  const [focused, setFocused] = useState(12);
  const [drag, setDrag] = useState<Drag>();
  const grid = useRef<HTMLDivElement>(null);
  const flipped = (props.below === 1) !== turned;

  // Another position: nothing of the old one is in hand. At once: an effect after the drawing could come after the next key,
  // and let go of what that has just chosen.
  useLayoutEffect(() => {
    setSelected(undefined);
    setPromoting(undefined);
    setDrag(undefined);
  }, [game]);

  const from = (square: number): ChessMove[] => moves.filter((move) => move.from === square);
  const chosen = selected === undefined ? [] : from(selected);

  function send(origin: number, target: number): boolean {
    const found = from(origin).filter((move) => move.to === target);
    if (found.length === 0) return false;
    if (found.length > 1) setPromoting(found);
    else onPlay(found[0].action);
    setSelected(undefined);
    return true;
  }

  /** A click, a tap or Enter. */
  function pick(square: number): void {
    setFocused(square);
    if (selected !== undefined && send(selected, square)) return;
    setSelected(square === selected || from(square).length === 0 ? undefined : square);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = arrowTarget(GRID, cellOfSquare(focused, flipped), event.key);
    if (event.key === 'Enter' || event.key === ' ') pick(focused);
    else if (event.key === 'Escape' && selected !== undefined) setSelected(undefined);
    else if (target !== undefined) {
      const square = squareOfCell(target, flipped);
      setFocused(square);
      grid.current?.querySelector<HTMLElement>(`[data-square="${square}"]`)?.focus();
    } else return;
    event.preventDefault();
  }

  /** In units of the drawing. */
  function place(event: PointerEvent): { x: number; y: number; square: number | undefined } {
    const box = grid.current!.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * 800;
    const y = ((event.clientY - box.top) / box.height) * 800;
    const inside = x >= 0 && y >= 0 && x < 800 && y < 800;
    return { x, y, square: inside ? squareOfCell(8 * Math.floor(y / 100) + Math.floor(x / 100), flipped) : undefined };
  }

  function onPointerDown(event: PointerEvent): void {
    if (event.button !== 0 || promoting !== undefined) return;
    const { x, y, square } = place(event);
    if (square === undefined || from(square).length === 0 || (selected !== undefined && from(selected).some((move) => move.to === square))) return;
    grid.current?.setPointerCapture(event.pointerId);
    setDrag({ square, x, y, moved: false });
  }

  function onPointerMove(event: PointerEvent): void {
    if (drag === undefined) return;
    const { x, y } = place(event);
    const moved = drag.moved || Math.hypot(x - drag.x, y - drag.y) > 25;
    if (moved) setSelected(drag.square);
    setDrag({ square: drag.square, x: moved ? x : drag.x, y: moved ? y : drag.y, moved });
  }

  function onPointerUp(event: PointerEvent): void {
    const { square } = place(event);
    setDrag(undefined);
    if (event.type === 'pointercancel') return;
    if (drag?.moved === true) {
      if (square === undefined || square === drag.square || !send(drag.square, square)) setSelected(undefined);
    } else if (square !== undefined) pick(square);
  }

  const line = props.line ?? [];
  const arrows: Arrow[] = useMemo(() => {
    const [hinted] = props.hint === undefined ? [] : pathOf(game.state, [props.hint]);
    const thoughts = [...(props.marks ?? [])].sort((a, b) => b.weight - a.weight).slice(0, MOST_MARKS).reverse().flatMap(({ action, weight, text, best }): Arrow[] => {
      const [path] = pathOf(game.state, [action]);
      return path === undefined ? [] : [{ ...path, kind: best ? 'best' : 'thought', weight, text }];
    });
    const expected = showLine && thoughts.length === 0 ? pathOf(game.state, line.slice(0, LINE_MOVES)).map((path, i): Arrow => ({ ...path, kind: i % 2 === 0 ? 'line' : 'reply', weight: 0.55 - 0.2 * i })).reverse() : [];
    return [...expected, ...thoughts, ...(hinted === undefined ? [] : [{ ...hinted, kind: 'hint' as const, weight: 0.7 }])];
  }, [game, props.hint, props.marks, line.join(), showLine]);

  return (
    <div class="board chess">
      <div class="board-area">
        <ChessPicture
          squares={view.squares} flipped={flipped} last={view.last === undefined ? [] : [view.last.from, view.last.to]} check={view.check} selected={selected}
          targets={chosen.map((move) => move.to)} arrows={arrows} dragged={drag?.moved === true ? drag : undefined}
          entering={props.animate && view.last !== undefined ? { ...view.last, ply: actions.length } : undefined}
        />
        <div
          ref={grid} class="board-grid" role="grid" aria-label={props.label} aria-readonly={legal.length === 0}
          onKeyDown={onKeyDown} onPointerDown={onPointerDown} onPointerMove={onPointerMove} onPointerUp={onPointerUp} onPointerCancel={onPointerUp}
        >
          {Array.from({ length: 8 }, (_, row) => (
            <div role="row" class="board-row" key={row}>
              {Array.from({ length: 8 }, (__, column) => {
                const square = squareOfCell(8 * row + column, flipped);
                const movable = from(square).length > 0;
                const target = chosen.find((move) => move.to === square);
                return (
                  <div
                    role="gridcell" key={square} data-square={square} tabIndex={square === focused ? 0 : -1} aria-selected={square === selected}
                    class={`cell${movable || target !== undefined ? ' playable' : ''}${movable ? ' movable' : ''}`}
                    aria-label={describe(view, square, movable, target)} onFocus={() => setFocused(square)}
                  />
                );
              })}
            </div>
          ))}
        </div>
        {promoting !== undefined && <Promotion moves={promoting} white={view.turn === 0} flipped={flipped} onChoose={(action) => { setPromoting(undefined); onPlay(action); }} onCancel={() => setPromoting(undefined)} />}
      </div>
      <div class="chess-bar">
        <button type="button" class="button quiet" onClick={() => setTurned(!turned)}><FlipIcon />Flip</button>
        {line.length > 0 && (
          <label class="check"><input type="checkbox" checked={showLine} onChange={(event) => setShowLine(event.currentTarget.checked)} />Expected line</label>
        )}
      </div>
    </div>
  );
}

/** What a screen reader says of a square. */
function describe(view: ReturnType<typeof viewOf>, square: number, movable: boolean, target: ChessMove | undefined): string {
  const piece = view.squares[square];
  const notes = [
    ...(square === view.check ? ['in check'] : []),
    ...(view.last?.to === square ? ['last move'] : []),
    ...(target !== undefined ? [`Enter plays ${target.promotion === '' ? target.name : `a promotion on ${squareName(square)}`}`] : movable ? ['can move'] : []),
  ];
  return [`${squareName(square)}: ${piece === '' ? 'empty' : pieceWords(piece)}`, ...notes].join(', ');
}
