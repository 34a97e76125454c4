/** A recorded game of chess as an episode to learn from: the moves that were played, evaluations where they are noted, the result. */
import { createHash } from 'node:crypto';
import { OVER } from '#engine';
import { ChessState, INITIAL_FEN, chess, parsePgn, valueOfEvaluation, type PgnGame } from '#games/chess';
import { EpisodeRecorder, type Episode } from '../episode.js';

export interface ImportFilter {
  /** Both players' ratings; a game that does not tell them is left out. */
  readonly minElo?: number;
  /** Games with fewer moves of both sides are left out. */
  readonly minPlies: number;
}

export type Imported =
  | { readonly kind: 'episode'; readonly episode: Episode }
  /** Sound, but not wanted. */
  | { readonly kind: 'filtered'; readonly reason: 'rating' | 'short' | 'unfinished' | 'variant' }
  /** One line: where, and why. */
  | { readonly kind: 'bad'; readonly reason: string };

const REWARDS = { '1-0': 1, '1/2-1/2': 0, '0-1': -1 } as const;
const ratingTag = (text: string, name: string): number => Number(new RegExp(`^\\[${name} "(\\d{1,5})"\\]`, 'm').exec(text)?.[1] ?? Number.NaN);

export class GameImporter {
  private readonly recorder = new EpisodeRecorder();
  private readonly legal = new Int32Array(1);
  private readonly policy = new Float32Array(chess.actionCount);
  private readonly filter: ImportFilter;

  constructor(filter: ImportFilter) {
    this.filter = filter;
  }

  /** `line` is the number of the text's first, for errors. */
  take(text: string, line: number): Imported {
    const { minElo, minPlies } = this.filter;
    // Before the moves are read, since of great files most games may fail it.
    if (minElo !== undefined && !(Math.min(ratingTag(text, 'WhiteElo'), ratingTag(text, 'BlackElo')) >= minElo)) return { kind: 'filtered', reason: 'rating' };
    const parsed = parsePgn(text, line);
    if (!parsed.ok) return { kind: 'bad', reason: parsed.error };
    const game = parsed.value;
    if (game.actions.length < Math.max(1, minPlies)) return { kind: 'filtered', reason: 'short' };
    if (game.result === '*') return { kind: 'filtered', reason: 'unfinished' };
    const setup = game.fen === INITIAL_FEN ? undefined : game.fen;
    const state = setup === undefined ? new ChessState() : chess.parseSetup?.(setup);
    // Chess960 is read, but the chess that is learnt here begins from king and rooks in their places.
    if (state === undefined) return { kind: 'filtered', reason: 'variant' };
    return { kind: 'episode', episode: this.record(game, state, setup, REWARDS[game.result]) };
  }

  private record({ actions, result, evaluations }: PgnGame, state: ChessState, setup: string | undefined, outcome: number): Episode {
    const { recorder, legal, policy } = this;
    // A record may go on where our rules have ended the game, and may tell another end than they see.
    const rewards: number[] = [];
    let over = false;
    for (let ply = 0; ply < actions.length && !over; ply++) {
      rewards.push(state.apply(actions[ply]));
      over = state.turn === OVER;
    }
    if (!over) rewards[rewards.length - 1] = outcome;
    const truth = rewards[rewards.length - 1];
    recorder.clear();
    for (const [ply, reward] of rewards.entries()) {
      const action = actions[ply];
      // An evaluation stands after the move that led to the position, in White's view.
      const known = evaluations?.[ply - 1];
      recorder.ply(action, reward, known === undefined ? truth : valueOfEvaluation(known), true);
      legal[0] = action;
      policy[action] = 1;
      recorder.policy(legal, 1, policy);
    }
    const id = `pgn-${createHash('sha1').update(`${setup ?? ''}|${result}|${Uint16Array.from(actions).join()}`).digest('hex').slice(0, 20)}`;
    return recorder.finish({ id, gameId: chess.id, gameVersion: chess.version, seed: 0, setup, checkpoint: 0, end: 'terminated' });
  }
}
