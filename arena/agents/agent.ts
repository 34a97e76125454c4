/** What an agent is to the arena: it looks at positions of one game and names moves. It keeps nothing between them. */
import type { Action, ActionReport, Rng, SearchLine, State, Unfolded } from '#engine';
import type { AgentSpec } from './spec.js';

/** One question. Equal state and rng give an equal answer, unless the agent plays by the clock. */
export interface AgentRequest {
  /** Not changed. A seat is to move. */
  readonly state: State;
  readonly rng: Rng;
  /** Milliseconds for this move by a clock: agents that search think that long instead of by their own count. */
  readonly millis?: number;
}

/** A move, and what the agent thought of it. */
export interface Choice {
  readonly action: Action;
  /** In [-1, 1], view of the seat to move; left out by agents that have no opinion. */
  readonly value?: number;
  /** Left out by agents that do not search by simulations. */
  readonly simulations?: number;
  /** Plies searched ahead, of agents that count them. */
  readonly depth?: number;
}

/** What an agent thinks of a position, for people. Everything from the view of the seat to move. */
export interface Analysis {
  readonly agent: string;
  /** The move it would play. */
  readonly action: Action;
  readonly millis: number;
  /** 0 for agents that do not search by simulations. */
  readonly simulations: number;
  /** In [-1, 1]; left out by agents that have no opinion. */
  readonly value?: number;
  /** Exact result under best play, where the agent proved it. */
  readonly proven?: number;
  /** Legal actions with the network's prior, visits, mean value and recommended policy. */
  readonly actions: readonly ActionReport[];
  readonly principalVariation: readonly Action[];
  /** Exact score per action in the game's own convention, null where illegal: the solver's alone. */
  readonly scores?: readonly (number | null)[];
  /** The network's own value of the position, before any search. */
  readonly networkValue?: number;
  /** Where a thinker asks for them: the best root moves with their lines, the chosen one first. */
  readonly lines?: readonly SearchLine[];
  /** The same: plies that the simulations went down the tree. */
  readonly depth?: { readonly mean: number; readonly most: number };
}

/** How long to think in place of the agent's own count or time; with none of them, until stopped. */
export interface ThinkLimits {
  readonly simulations?: number;
  readonly millis?: number;
  /** Mean depth of the simulations, in plies. */
  readonly depth?: number;
}

/** For a program that thinks on one game, as UCI has it. Agents that search a tree heed all of it, the others what they can. */
export interface ThinkOptions {
  readonly limits: ThinkLimits;
  /** Root moves with their lines in each report. */
  readonly lines: number;
  /** Only these root moves. */
  readonly only?: readonly Action[];
  /** Actions since the position last thought about, whose tree is kept. */
  readonly played?: readonly Action[];
}

/** A model's imagination along actions that were really taken, beside what was then really there. All for the seat to move at its start. */
export interface Dream {
  /** Value of the position at its start, as it was seen. */
  readonly value: number;
  readonly steps: readonly DreamStep[];
}

export interface DreamStep {
  readonly action: Action;
  /** Imagined: reward of the action, and value after it. */
  readonly reward: number;
  readonly value: number;
  readonly realReward: number;
  /** What the model makes of the real position when it sees it; 0 where the game is over. */
  readonly seenValue: number;
}

export interface AnalyseOptions {
  /** Throws its reason when aborted. */
  readonly signal?: AbortSignal;
  /** When aborted, the answer is what has been found so far. */
  readonly stop?: AbortSignal;
  /** Called now and then with what is known so far. */
  readonly onProgress?: (sofar: Analysis) => void;
  readonly think?: ThinkOptions;
}

export interface Agent {
  /** Its canonical string. */
  readonly name: string;
  readonly spec: AgentSpec;
  /** Throws the signal's reason when aborted. */
  choose(request: AgentRequest, signal?: AbortSignal): Promise<Action>;
  /** Many questions at once, in lock-step through one batch where the agent has a network: far quicker than one by one. */
  chooseMany(requests: readonly AgentRequest[], signal?: AbortSignal): Promise<Choice[]>;
  analyse(request: AgentRequest, options?: AnalyseOptions): Promise<Analysis>;
  /** Of agents that search a tree: the tree of the last question, below `path`; undefined where it does not reach that far. */
  unfold?(path: readonly Action[], levels: number, most: number): Unfolded | undefined;
  /** Of agents that search in a model they have learned: `actions` from the position on, imagined. */
  dream?(state: State, actions: readonly Action[]): Promise<Dream>;
  close(): Promise<void>;
}

/** A turn of the event loop: in a browser a message to oneself, since timers there wait at least four milliseconds. */
const turn: (resume: () => void) => void = typeof setImmediate === 'function' ? setImmediate : turnByMessage();

function turnByMessage(): (resume: () => void) => void {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.addEventListener('message', () => waiting.shift()?.());
  port1.start();
  return (resume) => {
    waiting.push(resume);
    port2.postMessage(null);
  };
}

/** Lets timers and messages in, so that a long calculation can be cancelled. */
export async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => turn(resolve));
  signal?.throwIfAborted();
}
