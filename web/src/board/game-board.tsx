/** The board of any game that this page can draw: one place that knows which component belongs to which game. */
import { lazy, Suspense } from 'preact/compat';
import { useMemo } from 'preact/hooks';
import { Board } from './board.js';
import { ChessPicture } from './chess/picture.js';
import { INITIAL_PLACEMENT, placement } from './chess/squares.js';
import { layOut, shapeOf } from './layout.js';
import { BoardPicture, type ActionMark } from './picture.js';

/** Whether games of this kind can be played here. */
export function canDraw(game: string): boolean {
  return game === 'chess' || shapeOf(game) !== undefined;
}

export interface GameBoardProps {
  readonly game: string;
  /** Starting position in the game's own notation; null for the usual start. */
  readonly setup: string | null;
  /** Played up to the position that is shown. */
  readonly actions: readonly number[];
  /** The newest move moves into place instead of standing there at once. */
  readonly animate: boolean;
  readonly label: string;
  /** Actions that may be played now with their notation; empty while it is not one's turn. */
  readonly legal: readonly { readonly action: number; readonly name: string }[];
  /** Whose move a click makes. */
  readonly seat: number;
  /** Seat that looks from below. */
  readonly below: number;
  /** A layer of the agent's thoughts. */
  readonly marks?: readonly ActionMark[];
  /** An action to point out. */
  readonly hint?: number;
  /** What the agent expects from here, where that can be drawn. */
  readonly line?: readonly number[];
  readonly onPlay: (action: number) => void;
}

/** Chess brings its rules along, so it is loaded when it is needed. */
const ChessBoard = lazy(() => import('./chess/chess-board.js').then((m) => m.ChessBoard));
const ChessStill = lazy(() => import('./chess/chess-still.js').then((m) => m.ChessStill));

/** A board to play on. */
export function GameBoard(props: GameBoardProps) {
  const { game, actions, seat, ...rest } = props;
  const shape = shapeOf(game);
  const layout = useMemo(() => (shape === undefined ? undefined : layOut(shape, actions)), [shape, actions.join()]);
  if (game === 'chess') return <Suspense fallback={<div class="board chess"><ChessPicture squares={placement(INITIAL_PLACEMENT)} flipped={props.below === 1} /></div>}><ChessBoard {...props} /></Suspense>;
  if (shape === undefined || layout === undefined) return null;
  const { animate, label, legal, marks, hint, onPlay } = rest;
  return <Board shape={shape} layout={layout} ply={actions.length} animate={animate} label={label} legal={legal} seat={seat} marks={marks} hint={hint} onPlay={onPlay} />;
}

/** The same without any behaviour, as on cards and while somebody else plays. */
export function GamePicture({ game, setup, actions, animate, ply }: { game: string; setup: string | null; actions: readonly number[]; animate?: boolean; ply?: number }) {
  const shape = shapeOf(game);
  const layout = useMemo(() => (shape === undefined ? undefined : layOut(shape, actions)), [shape, actions.join()]);
  if (game === 'chess') {
    // A position without moves is drawn without the rules.
    const still = <ChessPicture squares={placement(setup?.includes('/') === true ? setup : INITIAL_PLACEMENT)} coordinates={false} />;
    return actions.length === 0 && (setup === null || (setup.includes('/') && !setup.includes('moves'))) ? still : <Suspense fallback={still}><ChessStill setup={setup} actions={actions} animate={animate} /></Suspense>;
  }
  return shape === undefined || layout === undefined ? null : <BoardPicture shape={shape} layout={layout} ply={ply ?? actions.length} animate={animate} />;
}
