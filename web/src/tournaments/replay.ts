/** A recorded game, played again with the rules from #games. */
import { CHANCE, createRng, type Game, type State } from '#engine';
import type { TournamentGame } from '#arena/protocol';

export interface Replayed {
  /** Everything that was played from the usual start where `setup` is made of moves; else from the setup. */
  readonly moves: readonly { readonly action: number; readonly name: string; readonly seat: number }[];
  /** How many of them were the opening. */
  readonly opening: number;
  /** They begin at the usual start, so that a drawing may be made from the actions alone. */
  readonly fromStart: boolean;
  /** [moves + 1]: the position as text, where the game can. */
  readonly texts: readonly string[];
  /** The first move that the rules do not allow: the record is of another version of the game. */
  readonly broken: string | undefined;
}

/** The moves that a setup stands for; undefined when it is a position rather than moves. */
export function setupMoves(game: Game, setup: string): number[] | undefined {
  const text = setup.replaceAll(/[\s,]/g, '');
  const rng = createRng(0);
  const state = game.start(rng);
  const moves: number[] = [];
  for (let at = 0; at < text.length; ) {
    const length = [1, 2, 3, 4, 5].find((size) => at + size <= text.length && game.parseAction(state, text.slice(at, at + size)) !== undefined);
    const action = length === undefined ? undefined : game.parseAction(state, text.slice(at, at + length));
    if (length === undefined || action === undefined) return undefined;
    state.apply(action, rng);
    moves.push(action);
    at += length;
  }
  return moves;
}

function startOf(game: Game, record: Pick<TournamentGame, 'setup' | 'seed'>): { state: State; prefix: number[]; fromStart: boolean } | undefined {
  const state = game.start(createRng(record.seed ?? 0).fork('start'));
  if (record.setup === null) return { state, prefix: [], fromStart: true };
  const prefix = setupMoves(game, record.setup);
  if (prefix !== undefined) return { state, prefix, fromStart: true };
  const placed = game.parseSetup?.(record.setup);
  return placed === undefined ? undefined : { state: placed, prefix: [], fromStart: false };
}

export function replayGame(game: Game, record: TournamentGame): Replayed {
  const start = startOf(game, record);
  if (start === undefined) return { moves: [], opening: 0, fromStart: false, texts: [], broken: `“${record.setup}” is no position of ${game.name}` };
  const { state, prefix } = start;
  const chance = createRng(record.seed ?? 0).fork('chance');
  const legal = new Int32Array(game.actionCount);
  const moves: { action: number; name: string; seat: number }[] = [];
  const text = () => game.render?.(state) ?? '';
  const texts = [text()];
  const all = [...prefix, ...record.opening, ...record.moves];
  for (const [i, action] of all.entries()) {
    if (!legal.subarray(0, state.legal(legal)).includes(action)) {
      return { moves, opening: prefix.length + record.opening.length, fromStart: start.fromStart, texts, broken: `move ${i + 1} is not legal in this version of ${game.name}` };
    }
    moves.push({ action, name: game.actionName(state, action), seat: state.turn === CHANCE ? -1 : state.turn });
    state.apply(action, chance.fork('ply', i - prefix.length));
    texts.push(text());
  }
  return { moves, opening: prefix.length + record.opening.length, fromStart: start.fromStart, texts, broken: undefined };
}

/** Values for the first player after each ply, from what each mover thought before its move. */
export function valuePoints({ moves, opening }: Replayed, values: readonly (number | null)[]): { ply: number; value: number }[] {
  return values.flatMap((value, i) => {
    const move = moves[opening + i];
    return value === null || move === undefined || move.seat < 0 ? [] : [{ ply: opening + i, value: move.seat === 0 ? value : -value }];
  });
}
