/** A chess position that nobody plays on here, after its moves: live self-play, say. */
import { ChessPicture } from './picture.js';
import { chessState, viewOf } from './view.js';

export function ChessStill({ setup, actions, animate }: { setup: string | null; actions: readonly number[]; animate?: boolean }) {
  const { squares, last, check } = viewOf(chessState(setup, actions));
  return <ChessPicture squares={squares} coordinates={false} check={check} last={last === undefined ? [] : [last.from, last.to]} entering={animate === true && last !== undefined ? { ...last, ply: actions.length } : undefined} />;
}
