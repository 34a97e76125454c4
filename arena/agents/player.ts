/** A seat's occupant as a referee sees it, wherever it lives: a thread, and one day another process or machine. */
import type { Position } from '../position.js';
import type { Choice } from './agent.js';

/** Time left on the clocks when a player is asked, in milliseconds. */
export interface ClockReading {
  readonly own: number;
  readonly opponent: number;
  /** Added to the own clock after the move. */
  readonly increment: number;
}

export interface PlayerRequest {
  readonly position: Position;
  /** Equal positions and seeds give equal answers, unless the player plays by the clock. */
  readonly seed: number | string;
  /** In games by the clock, which the referee keeps. */
  readonly clock?: ClockReading;
  /** In games with a time for each move: milliseconds for this one. */
  readonly millis?: number;
}

/**
 * Why a player gave no move. 'error': it said so itself; 'crash': it died; 'stall': it gave no answer in time;
 * 'disconnect': it left, and did not come back.
 */
export const failureReasons = ['error', 'crash', 'stall', 'disconnect'] as const;
export type FailureReason = (typeof failureReasons)[number];

export class AgentFailure extends Error {
  override readonly name = 'AgentFailure';
  readonly reason: FailureReason;
  constructor(reason: FailureReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** An action, legal or not, with what the player thought of it; or why there is none. */
export type PlayerAnswer = Choice | { readonly reason: FailureReason; readonly message: string };

export interface Player {
  readonly name: string;
  /**
   * One answer a request, in order. Rejects with AgentFailure when the player as a whole failed (it can be asked again
   * afterwards), with the signal's reason when aborted.
   */
  chooseMany(requests: readonly PlayerRequest[], options?: { readonly signal?: AbortSignal; readonly timeoutMillis?: number }): Promise<PlayerAnswer[]>;
  close(): Promise<void>;
}
