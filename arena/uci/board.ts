/**
 * The position that a UCI program speaks of. It may go on where our rules have ended the game (a third repetition, a
 * hundred quiet plies): UCI leaves those to be claimed. What lies before such a point is then forgotten.
 */
import { type Action, OVER } from '#engine';
import {
  ChessState, INITIAL_FEN, MAX_MOVES, type Move, NO_MOVE, type Position, actionOf, generateMoves, hasMoves, makeFen, makeUci, moveOf, parseFen, parseUci,
} from '#games/chess';
import type { Position as Travelling } from '../position.js';

export class UciBoard {
  /** As agents are asked about it. */
  readonly travelling: Travelling;
  readonly position: Position;
  /** Our rules see no game here any more, though a move is possible: two bare kings, say. */
  readonly dead: boolean;

  private constructor(travelling: Travelling, position: Position, dead: boolean) {
    this.travelling = travelling;
    this.position = position;
    this.dead = dead;
  }

  /** `fen` undefined: the starting position. Returns what is wrong as text. */
  static read(fen: string | undefined, moves: readonly string[]): UciBoard | string {
    const parsed = parseFen(fen ?? INITIAL_FEN);
    if (!parsed.ok) return `'${fen?.slice(0, 100)}' is no position: ${parsed.error}`;
    let { state, setup } = begin(parsed.value);
    let played: Action[] = [];
    for (const [i, text] of moves.entries()) {
      const move = parseUci(state.position, text);
      if (move === NO_MOVE) return `move ${i + 1} of the position, '${text.slice(0, 20)}', is illegal in ${makeFen(state.position)}`;
      played.push(actionOf(move, state.position.side));
      state.play(move);
      if (state.turn !== OVER || !hasMoves(state.position)) continue;
      ({ state, setup } = begin(state.position));
      played = [];
    }
    return new UciBoard({ ...(setup === undefined ? {} : { setup }), moves: played }, state.position, state.turn === OVER && hasMoves(state.position));
  }

  moves(): Move[] {
    const list = new Int32Array(MAX_MOVES);
    return Array.from(list.subarray(0, generateMoves(this.position, list)));
  }

  /** The actions of moves in UCI's coordinates; those that are not legal are left out. */
  actions(names: readonly string[]): Action[] {
    return names.map((name) => parseUci(this.position, name)).filter((move) => move !== NO_MOVE).map((move) => actionOf(move, this.position.side));
  }

  /** Those actions in UCI's coordinates, played one after the other; stops at one that cannot be played. */
  line(actions: readonly Action[]): string[] {
    const state = new ChessState(this.position);
    const words: string[] = [];
    for (const action of actions) {
      if (state.turn === OVER) break;
      const move = moveOf(action, state.position);
      words.push(makeUci(state.position, move));
      state.play(move);
    }
    return words;
  }
}

/** A game from a position, and its setup text; the starting position has none. */
function begin(position: Position): { state: ChessState; setup: string | undefined } {
  // A count of 100 and more would end the game before it begins.
  const fields = makeFen(position).split(' ');
  if (Number(fields[4]) >= 100) fields[4] = '0';
  const setup = fields.join(' ');
  if (setup === INITIAL_FEN) return { state: new ChessState(), setup: undefined };
  const parsed = parseFen(setup);
  if (!parsed.ok) throw new Error(`our own FEN is refused: ${setup}: ${parsed.error}`);
  return { state: new ChessState(parsed.value), setup };
}
