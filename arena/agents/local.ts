/** An agent in the referee's own thread: only for those that neither search nor can fail, for whom a thread would be waste. */
import { type Game, createRng } from '#engine';
import { replay } from '../position.js';
import { RandomAgent } from './simple.js';
import type { Player, PlayerAnswer, PlayerRequest } from './player.js';

export class RandomPlayer implements Player {
  readonly name = 'random';
  private readonly game: Game;
  private readonly agent: RandomAgent;

  constructor(game: Game) {
    this.game = game;
    this.agent = new RandomAgent(game);
  }

  /** The same moves as from a worker thread. */
  async chooseMany(requests: readonly PlayerRequest[]): Promise<PlayerAnswer[]> {
    return this.agent.chooseMany(requests.map(({ position, seed }) => ({ state: replay(this.game, position), rng: createRng(seed) })));
  }

  async close(): Promise<void> {}
}
