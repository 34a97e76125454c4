/** A position as it travels between threads and into records: how it came about, replayed on arrival. */
import { type Action, CHANCE, type Game, OVER, type Rng, type State, UserError, createRng } from '#engine';

export interface Position {
  /** The game's own text for a starting position; left out for the usual start. */
  readonly setup?: string;
  /** Drives `start` and every draw of chance in `apply`; default 0. */
  readonly seed?: number;
  /** Actions since then, oldest first, chance's included. */
  readonly moves: readonly Action[];
}

/** Whether the action is legal; `scratch` [>= actionCount]. */
export function isLegal(state: State, action: Action, scratch: Int32Array): boolean {
  const count = state.legal(scratch);
  for (let i = 0; i < count; i++) if (scratch[i] === action) return true;
  return false;
}

/** The start that `position` names. Throws UserError('usage') when its setup is none of the game's. */
export function startState(game: Game, position: Pick<Position, 'setup' | 'seed'>, rng: Rng = createRng(position.seed ?? 0)): State {
  if (position.setup === undefined) return game.start(rng.fork('start'));
  const state = game.parseSetup?.(position.setup);
  if (state === undefined) throw new UserError('usage', `'${position.setup}' is not a position of ${game.name}`);
  return state;
}

/** Plays the position's moves. Throws UserError('usage') naming the first illegal one. */
export function replay(game: Game, position: Position): State {
  const rng = createRng(position.seed ?? 0);
  const state = startState(game, position, rng);
  const scratch = new Int32Array(game.actionCount);
  const chance = rng.fork('chance');
  for (const [ply, action] of position.moves.entries()) {
    if (!isLegal(state, action, scratch)) {
      throw new UserError('usage', `move ${ply + 1} (action ${action}) is illegal${state.turn === OVER ? ': the game was over' : ''}`);
    }
    state.apply(action, chance.fork('ply', ply));
  }
  return state;
}

/** Plays chance's turns until a seat is to move or the game is over; returns the rewards to seat 0 and appends the actions. */
export function playChance(game: Game, state: State, rng: Rng, moves: Action[]): number {
  let reward = 0;
  while (state.turn === CHANCE) {
    const actions = new Int32Array(game.actionCount);
    const odds = new Float32Array(game.actionCount);
    const count = state.legal(actions);
    if (state.chances === undefined) throw new Error(`${game.id} has a chance turn but no odds`);
    state.chances(odds);
    let at = 0;
    let left = rng.fork('outcome', moves.length).float() - odds[0];
    while (left >= 0 && at < count - 1) left -= odds[++at];
    reward += state.apply(actions[at], rng.fork('ply', moves.length));
    moves.push(actions[at]);
  }
  return reward;
}
