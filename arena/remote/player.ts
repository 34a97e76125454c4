/**
 * A player whose agent is at the other end of a socket. It stands for the agent while that is away: questions wait for
 * its return for a while, then are lost by 'disconnect'; an agent that is there and says nothing loses by 'stall'.
 */
import { type Game, createRng } from '#engine';
import type { AskOptions } from '../agents/hosted.js';
import { AgentFailure, type Player, type PlayerAnswer, type PlayerRequest } from '../agents/player.js';
import { replay, startState } from '../position.js';
import type { FromAgent, ToAgent } from './protocol.js';

/** The socket, as a player needs it. */
export interface RemoteLine {
  readonly parallel: number;
  send(message: ToAgent): void;
  /** It stalled: better none than one that holds up everything. */
  drop(reason: string): void;
}

interface Question {
  readonly id: number;
  readonly request: PlayerRequest;
  readonly millis: number;
  readonly resolve: (answer: PlayerAnswer) => void;
  timer: NodeJS.Timeout | undefined;
}

type Answer = Extract<FromAgent, { type: 'move' | 'error' }>;

/** Answers to nothing that is asked, before the line is cut: a late answer now and then is no sin. */
const MOST_STRAYS = 100;

export class RemotePlayer implements Player {
  readonly name: string;
  private readonly game: Game;
  private readonly graceMillis: number;
  private line: RemoteLine | undefined;
  /** Runs while the agent is away and may still come back; nobody is waited for when there is neither a line nor this. */
  private absence: NodeJS.Timeout | undefined;
  private nextId = 1;
  private strays = 0;
  private readonly asked = new Map<number, Question>();
  private readonly queue: Question[] = [];
  private joined: (() => void)[] = [];
  private everJoined = false;
  private closed = false;

  constructor(name: string, game: Game, graceMillis: number) {
    this.name = `remote:${name}`;
    this.game = game;
    this.graceMillis = graceMillis;
  }

  /** Resolves when the agent has joined for the first time: one that has left since loses what it is asked, and holds up nobody. */
  whenJoined(): Promise<void> {
    return this.everJoined ? Promise.resolve() : new Promise((resolve) => this.joined.push(resolve));
  }

  /** The agent has come, or come back: what it was asked is asked again. */
  join(line: RemoteLine): void {
    this.line = line;
    this.everJoined = true;
    this.strays = 0;
    clearTimeout(this.absence);
    this.absence = undefined;
    this.queue.unshift(...this.asked.values());
    this.asked.clear();
    for (const joined of this.joined) joined();
    this.joined = [];
    this.pump();
  }

  /** The line is gone. */
  leave(line: RemoteLine): void {
    if (this.line !== line) return;
    this.line = undefined;
    // No second clock says when the grace is over: timers may fire a millisecond before performance.now() agrees.
    this.absence = setTimeout(() => {
      this.absence = undefined;
      this.giveUp();
    }, this.graceMillis);
    this.absence.unref();
  }

  hear(line: RemoteLine, message: Answer): void {
    // A line that another one has replaced is not heard any more.
    if (line !== this.line) return;
    const question = this.asked.get(message.id);
    if (question === undefined) {
      if (++this.strays > MOST_STRAYS) line.drop('answers what nobody asked');
      return;
    }
    this.settle(question, this.read(question, message));
    this.pump();
  }

  async chooseMany(requests: readonly PlayerRequest[], options: AskOptions = {}): Promise<PlayerAnswer[]> {
    const { signal, timeoutMillis = 60_000 * requests.length } = options;
    signal?.throwIfAborted();
    // The referee allows so much for all; each question gets its share from the moment it is sent.
    const millis = timeoutMillis / requests.length;
    const questions: Question[] = [];
    const answers = requests.map((request) => new Promise<PlayerAnswer>((resolve) => {
      const question: Question = { id: this.nextId++, request, millis, resolve, timer: undefined };
      questions.push(question);
      this.queue.push(question);
    }));
    let stop: () => void = () => undefined;
    const aborted = new Promise<never>((_, reject) => {
      stop = () => {
        for (const question of questions) this.withdraw(question);
        reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      signal?.addEventListener('abort', stop, { once: true });
    });
    this.pump();
    try {
      return await Promise.race([Promise.all(answers), aborted]);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /** Shared by all lanes of a tournament: the hub ends it. */
  async close(): Promise<void> {}

  end(): void {
    this.closed = true;
    clearTimeout(this.absence);
    this.giveUp();
  }

  private pump(): void {
    const { line } = this;
    if (line === undefined) {
      if (this.absence === undefined || this.closed) this.giveUp();
      return;
    }
    while (this.queue.length > 0 && this.asked.size < line.parallel) {
      const question = this.queue.shift()!;
      this.asked.set(question.id, question);
      question.timer ??= setTimeout(() => this.stalled(question), question.millis);
      line.send(this.ask(question));
    }
  }

  private ask({ id, request, millis }: Question): ToAgent {
    const { game } = this;
    const { position, clock, seed } = request;
    const state = replay(game, position);
    const actions = new Int32Array(game.actionCount);
    const count = state.legal(actions);
    const board = game.render?.(state);
    return {
      type: 'ask', id,
      ...(position.setup === undefined ? {} : { setup: position.setup }),
      actions: position.moves,
      moves: this.names(request),
      legal: Array.from(actions.subarray(0, count), (action) => ({ action, move: game.actionName(state, action) })),
      seat: state.turn === 1 ? 1 : 0,
      ...(board === undefined ? {} : { board }),
      ...(clock === undefined ? {} : { clock }),
      ...(request.millis === undefined ? {} : { millis: request.millis }),
      timeout: Math.round(millis),
      seed: String(seed),
    };
  }

  private names({ position }: PlayerRequest): string[] {
    const { game } = this;
    if (game.chance !== 'none') return [];
    const state = startState(game, position);
    const unused = createRng(0);
    return position.moves.map((action) => {
      const name = game.actionName(state, action);
      state.apply(action, unused);
      return name;
    });
  }

  private read(question: Question, message: Answer): PlayerAnswer {
    if (message.type === 'error') return { reason: 'error', message: message.message };
    const { action, move, value, simulations, depth } = message;
    // A name that is no legal move becomes an action that is none, for the referee to judge.
    const chosen = action ?? this.named(question.request, move ?? '') ?? -1;
    return { action: chosen, ...(value === undefined ? {} : { value }), ...(simulations === undefined ? {} : { simulations }), ...(depth === undefined ? {} : { depth }) };
  }

  private named({ position }: PlayerRequest, move: string): number | undefined {
    try {
      return this.game.parseAction(replay(this.game, position), move);
    } catch {
      // A game of somebody's own may not expect just any text, and a stranger's text must not end the tournament.
      return undefined;
    }
  }

  private settle(question: Question, answer: PlayerAnswer): void {
    clearTimeout(question.timer);
    this.asked.delete(question.id);
    question.resolve(answer);
  }

  private stalled(question: Question): void {
    const waiting = this.queue.indexOf(question);
    if (waiting >= 0) this.queue.splice(waiting, 1);
    const away = this.line === undefined;
    this.settle(question, away ? this.gone() : { reason: 'stall', message: `${this.name} gave no answer in ${Math.round(question.millis)} ms` });
    this.line?.drop('gave no answer in time');
  }

  private withdraw(question: Question): void {
    clearTimeout(question.timer);
    const waiting = this.queue.indexOf(question);
    if (waiting >= 0) this.queue.splice(waiting, 1);
    if (this.asked.delete(question.id)) this.line?.send({ type: 'cancel', id: question.id });
    this.pump();
  }

  private giveUp(): void {
    if (this.line !== undefined && !this.closed) return;
    for (const question of [...this.asked.values(), ...this.queue.splice(0)]) this.settle(question, this.gone());
  }

  private gone(): PlayerAnswer {
    const failure = new AgentFailure('disconnect', `${this.name} left and did not come back`);
    return { reason: failure.reason, message: failure.message };
  }
}
