/** What agents and the solver think of a room's positions, for those who ask: analyses, hints, search trees, reviews. */
import { OVER, UserError, type Action, type State } from '#engine';
import type { Analysis, ReviewedMove, Seat, ServerMessageOf, Strength } from '#arena/protocol';
import type { Catalogue, CatalogueEntry } from './catalogue.js';
import { Refusal } from './refusal.js';
import type { Looked, Question, Thinker } from './thinker.js';

/** Whose question it is, and until when it is wanted. */
export interface Asker {
  readonly owner: string;
  readonly signal: AbortSignal;
}

/** Moves that are dreamt at most. */
const MOST_DREAMT = 64;

/** Edges in one answer about a tree. */
const MOST_EDGES = 256;

export class Insight {
  private readonly thinker: Pick<Thinker, 'think' | 'scores' | 'tree' | 'describe'> & Partial<Pick<Thinker, 'dream'>>;
  private readonly catalogue: Pick<Catalogue, 'get'>;

  constructor(thinker: Insight['thinker'], catalogue: Pick<Catalogue, 'get'>) {
    this.thinker = thinker;
    this.catalogue = catalogue;
  }

  /** Throws Refusal('unknown-agent'). */
  nameOf(room: Looked, agent: string): string {
    return this.catalogue.get(room.game.id, agent).view.name;
  }

  /** An opinion on the position after `ply` moves, with exact scores where they are known. Throws Refusal. */
  async analyse(room: Looked, ply: number, agent: string, strength: Strength | undefined, asker: Asker): Promise<Analysis> {
    const entry = this.catalogue.get(room.game.id, agent);
    const question = this.question(room, ply, entry, strength, 'analysis', asker);
    const unchanged = stillThere(room, ply);
    const [{ thought, millis }, exact] = await answered(entry, Promise.all([this.thinker.think(question), this.thinker.scores(question)]));
    unchanged();
    return this.thinker.describe(room, ply, thought, { agent: entry.view.id, agentName: entry.view.name, source: 'asked', millis }, exact);
  }

  /** A move to play. Without `agent`: by the exact solver, else by the opponent, else by tree search. Throws Refusal. */
  async hint(room: Looked, seat: Seat, agent: string | undefined, strength: Strength | undefined, asker: Asker): Promise<Omit<ServerMessageOf<'hint'>, 'type' | 'requestId'>> {
    const ply = room.snapshot.moves.length;
    const other = room.snapshot.seats[1 - seat];
    const entry = this.catalogue.get(room.game.id, agent ?? (other?.kind === 'agent' && other.agent !== 'random' ? other.agent : 'uct-1000'));
    const question = this.question(room, ply, entry, strength, 'hint', asker);
    const unchanged = stillThere(room, ply);
    const exact = agent === undefined || agent === 'solver' ? await answered(entry, this.thinker.scores(question)) : undefined;
    const legal = room.snapshot.legal;
    const best = exact && bestOf(exact, legal.map(({ action }) => action));
    if (best !== undefined) {
      unchanged();
      return { roomId: room.id, ply, ...nameIn(legal, best.actions[0]), agentName: 'Perfect play', value: Math.sign(best.score), exact: best.score };
    }
    const { thought } = await answered(entry, this.thinker.think(question));
    unchanged();
    return { roomId: room.id, ply, ...nameIn(legal, thought.action), agentName: entry.view.name, value: thought.report?.value ?? null, exact: null };
  }

  /** The search tree below `path`. Throws Refusal. */
  async tree(room: Looked, ply: number, agent: string, strength: Strength | undefined, path: readonly Action[], levels: number, asker: Asker): Promise<Omit<ServerMessageOf<'tree'>, 'type' | 'requestId'>> {
    const entry = this.catalogue.get(room.game.id, agent);
    const question = this.question(room, ply, entry, strength, 'analysis', asker);
    const unchanged = stillThere(room, ply);
    const root = room.positionAfter(ply);
    if (room.lineFrom(root, path).length < path.length) throw new Refusal('illegal-move', 'this path leads over an illegal move');
    const { simulations, tree } = await answered(entry, this.thinker.tree(question, path, levels, MOST_EDGES));
    unchanged();
    const edges = tree?.edges ?? [];
    const below = new Map<number, State>([[-1, root]]);
    /** The position below an edge, made once. */
    const after = (index: number): State => {
      let state = below.get(index);
      if (state === undefined) below.set(index, (state = room.branch(after(edges[index].parent), edges[index].action)));
      return state;
    };
    const nodes = edges.map(({ parent, action, visits, value, prior, proven, turn, children }) => (
      { parent, action, name: room.game.actionName(after(parent), action), visits, value: value ?? null, prior, proven: proven ?? null, turn: turn ?? null, children }
    ));
    return { roomId: room.id, ply, agent, simulations, path: [...path], turn: tree?.turn ?? null, nodes };
  }

  /** What a learned model imagined of the moves played after the first `ply`, beside what came. Throws Refusal. */
  async dream(room: Looked, ply: number, agent: string, asker: Asker): Promise<Omit<ServerMessageOf<'dream'>, 'type' | 'requestId'>> {
    const entry = this.catalogue.get(room.game.id, agent);
    const question = this.question(room, ply, entry, undefined, 'analysis', asker);
    const moves = room.snapshot.moves.slice(ply, ply + MOST_DREAMT);
    if (entry.view.dreams !== true || this.thinker.dream === undefined) throw new Refusal('not-allowed', `${entry.view.name} has learned no model to dream in`);
    if (moves.length === 0) throw new Refusal('not-allowed', 'no move has been played from here');
    const unchanged = stillThere(room, ply + moves.length);
    const { value, steps } = await answered(entry, this.thinker.dream(question, moves.map((move) => move.action)));
    unchanged();
    const turn: Seat = room.positionAfter(ply).turn === 1 ? 1 : 0;
    return { roomId: room.id, ply, turn, agent, agentName: entry.view.name, value, steps: steps.map((step, k) => ({ ...step, name: moves[k].name })) };
  }

  /** Each move of a finished game, in order, as it is judged. Throws Refusal. */
  async *review(room: Looked, agent: string, strength: Strength | undefined, asker: Asker): AsyncGenerator<ReviewedMove> {
    const { moves, result } = room.snapshot;
    if (result === null) throw new Refusal('not-allowed', 'a game is reviewed when it is over');
    const entry = this.catalogue.get(room.game.id, agent);
    const unchanged = stillThere(room, moves.length);
    const judge = async (ply: number) => {
      const state = room.positionAfter(ply);
      const seat: Seat = state.turn === 1 ? 1 : 0;
      if (state.turn === OVER) return { seat, value: result.reason === 'normal' ? (seat === 0 ? result.returns : -result.returns) : 0, best: undefined, legal: [], exact: undefined };
      const question = this.question(room, ply, entry, strength, 'analysis', asker);
      const [{ thought }, exact] = await answered(entry, Promise.all([this.thinker.think(question), this.thinker.scores(question)]));
      unchanged();
      return { seat, value: thought.report?.value ?? 0, best: thought.action, legal: room.legalIn(state), exact };
    };
    let here = moves.length === 0 ? undefined : await judge(0);
    for (const [ply, move] of moves.entries()) {
      const next = await judge(ply + 1);
      if (here?.best === undefined) return;
      const sign = next.seat === here.seat ? 1 : -1;
      const best = here.best;
      const exact = here.exact && bestOf(here.exact, here.legal.map(({ action }) => action));
      const played = here.exact?.[move.action];
      // The solver knows; else the search's own choice is the best there is.
      const same = exact === undefined || played === undefined ? best === move.action : played === exact.score;
      const after = sign * next.value;
      yield {
        ply, seat: here.seat, action: move.action, name: move.name, before: here.value, after,
        best: nameIn(here.legal, same ? move.action : exact === undefined ? best : exact.actions.includes(best) ? best : exact.actions[0]),
        loss: same ? 0 : Math.max(0, here.value - after),
        exact: exact === undefined || played === undefined ? null : { best: exact.score, played, actions: exact.actions },
      };
      here = next;
    }
  }

  private question(room: Looked, ply: number, entry: CatalogueEntry, strength: Strength | undefined, kind: Question['kind'], { owner, signal }: Asker): Question {
    if (ply > room.snapshot.moves.length) throw new Refusal('stale', `the game has only ${room.snapshot.moves.length} moves`);
    if (room.positionAfter(ply).turn === OVER) throw new Refusal('game-over', 'there is nothing to choose once the game is over');
    // The same question gets the same search, so that a tree can be unfolded after an analysis of it.
    return { room, ply, spec: entry.spec(strength), seed: ply, kind, owner, signal };
  }
}

/** Throws Refusal('stale') when called after the room's first `ply` moves have become others. */
function stillThere(room: Looked, ply: number): () => void {
  const { gameNumber, moves } = room.snapshot;
  const actions = moves.slice(0, ply).map((move) => move.action);
  return () => {
    const now = room.snapshot;
    if (now.gameNumber !== gameNumber || !actions.every((action, i) => now.moves[i]?.action === action)) throw new Refusal('stale', 'the game has gone another way meanwhile');
  };
}

async function answered<T>(entry: CatalogueEntry, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal('agent-failed', error instanceof UserError ? error.message.slice(0, 500) : `${entry.view.name} could not answer`);
  }
}

/** The best of the scores and the actions that reach it; undefined unless all legal actions have one. */
function bestOf(scores: readonly (number | undefined)[], legal: readonly Action[]): { score: number; actions: Action[] } | undefined {
  if (legal.length === 0 || legal.some((action) => scores[action] === undefined)) return undefined;
  const score = Math.max(...legal.map((action) => scores[action] ?? -Infinity));
  return { score, actions: legal.filter((action) => scores[action] === score) };
}

function nameIn(legal: readonly { readonly action: Action; readonly name: string }[], action: Action): { action: Action; name: string } {
  return { action, name: legal.find((entry) => entry.action === action)?.name ?? String(action) };
}
