/** Puts questions about a room's positions to agents, through the queue, and their answers into the words of the protocol. */
import type { Action, Unfolded } from '#engine';
import type { Analysis, Seat } from '#arena/protocol';
import type { Dream } from '../agents/agent.js';
import { makeAnalysis } from './analysis.js';
import { Refusal } from './refusal.js';
import type { Room } from './room.js';
import type { ThinkKind, ThinkQueue } from './think-queue.js';
import type { ThinkRequest, ThinkingAgents, Thought } from './thinking.js';

export interface ThinkerSettings {
  readonly agents: ThinkingAgents;
  readonly queue: ThinkQueue;
  /** What the worker calls this game: its id, or the path of its module. */
  readonly gameSource: (id: string) => string;
  /** Training waits while this is going on. */
  readonly yieldTo: (thinking: Promise<unknown>) => void;
}

/** What of a room is looked at: a page that keeps games itself brings its own. */
export type Looked = Pick<Room, 'id' | 'game' | 'snapshot' | 'positionAfter' | 'lineFrom' | 'nameLine' | 'branch' | 'legalIn'>;

export interface Question {
  readonly room: Looked;
  readonly ply: number;
  /** Agent string. */
  readonly spec: string;
  readonly seed: number;
  readonly millis?: number;
  readonly kind: ThinkKind;
  /** Whose turn in the queue it takes. */
  readonly owner: string;
  readonly signal: AbortSignal;
}

export class Thinker {
  private readonly settings: ThinkerSettings;

  constructor(settings: ThinkerSettings) {
    this.settings = settings;
  }

  /** The agent's thread is started, so that its first move does not take longer than the others. */
  warm(room: Room, spec: string): void {
    // Whatever keeps it from starting will be told when it is asked.
    this.settings.agents.warm?.(this.settings.gameSource(room.game.id), spec, 'moves').catch(() => undefined);
  }

  /** `millis`: of thinking alone, without the wait. */
  think(question: Question): Promise<{ readonly thought: Thought; readonly millis: number }> {
    return this.queued(question, async () => {
      const began = performance.now();
      const thought = await this.settings.agents.think(this.request(question), question.signal);
      return { thought, millis: performance.now() - began };
    });
  }

  /** The solver's scores [actionCount], where the game has one that can answer. */
  scores(question: Question): Promise<(number | undefined)[] | undefined> {
    const { game, setup, actions } = this.request(question);
    return this.queued(question, () => this.settings.agents.scores(game, setup, actions));
  }

  tree(question: Question, path: readonly Action[], levels: number, most: number): Promise<{ readonly simulations: number; readonly tree?: Unfolded }> {
    const { agents } = this.settings;
    return this.queued(question, () => agents.tree?.(this.request(question), path, levels, most, question.signal) ?? Promise.reject(new Refusal('not-allowed', 'these agents show no tree')));
  }

  dream(question: Question, actions: readonly Action[]): Promise<Dream> {
    const { agents } = this.settings;
    return this.queued(question, () => agents.dream?.(this.request(question), actions, question.signal) ?? Promise.reject(new Refusal('not-allowed', 'these agents do not dream')));
  }

  describe(room: Looked, ply: number, thought: Thought, by: Pick<Analysis, 'agent' | 'agentName' | 'source' | 'millis'>, exact?: readonly (number | undefined)[]): Analysis {
    const state = room.positionAfter(ply);
    const turn: Seat = state.turn === 1 ? 1 : 0;
    const line = thought.report?.principalVariation ?? [];
    return makeAnalysis({ ply, turn, ...by, legal: room.legalIn(state), thought, line: room.nameLine(ply, line.slice(0, 64)), exact });
  }

  private queued<T>(question: Question, task: () => Promise<T>): Promise<T> {
    const answer = this.settings.queue.run(question.owner, question.kind, question.signal, task);
    this.settings.yieldTo(answer.catch(() => undefined));
    return answer;
  }

  private request({ room, ply, spec, seed, millis, kind }: Question): ThinkRequest {
    const { setup, moves } = room.snapshot;
    return {
      game: this.settings.gameSource(room.game.id), setup: setup ?? undefined, agent: spec, seed, actions: moves.slice(0, ply).map((move) => move.action),
      lane: kind === 'move' || kind === 'exhibition' ? 'moves' : 'opinions', ...(millis === undefined ? {} : { millis }),
    };
  }
}
