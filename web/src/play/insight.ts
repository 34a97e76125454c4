/** An analysis as it is shown: values turned to one fixed point of view, shares, verdicts, layers for the board. */
import type { ActionAnalysis, AgentView, Analysis, RoomSnapshot, ServerMessageOf } from '#arena/protocol';
import type { ActionMark } from '../board/picture.js';
import { percent, signed } from '../ui/format.js';

export const verdicts = ['win', 'draw', 'loss'] as const;
export type Verdict = (typeof verdicts)[number];

export const layers = ['off', 'prior', 'visits', 'policy', 'value', 'exact'] as const;
/** What the board shows on each playable cell. */
export type Layer = (typeof layers)[number];

export const layerNames: Record<Layer, string> = { off: 'Nothing', prior: 'Prior', visits: 'Visits', policy: 'After search', value: 'Value', exact: 'Exact' };

/** One legal move, from the view of the seat that has it. */
export interface MoveInsight {
  readonly action: number;
  readonly name: string;
  /** In [0, 1]; undefined where the agent has no network. */
  readonly prior?: number;
  readonly visits: number;
  /** visits / all visits; undefined when nothing was visited. */
  readonly share?: number;
  /** What the search recommends in the end, in [0, 1]; undefined without an opinion. */
  readonly policy?: number;
  /** Q in [-1, 1]. */
  readonly value?: number;
  readonly verdict?: Verdict;
  /** The verdict is the solver's, with its score; otherwise the search proved it. */
  readonly exact?: number;
  /** The move that the search, or else the solver, would play. */
  readonly best: boolean;
}

export interface Insight {
  readonly moves: readonly MoveInsight[];
  readonly best?: MoveInsight;
  /** From the first player's view, in [-1, 1]. */
  readonly value?: number;
  /** Exact result for the first player. */
  readonly verdict?: Verdict;
}

export function verdictOf(score: number | null | undefined): Verdict | undefined {
  if (score === null || score === undefined) return undefined;
  return score > 0 ? 'win' : score < 0 ? 'loss' : 'draw';
}

/** A value of the seat to move, as seat 0 sees it. */
export function firstView(turn: number, value: number): number {
  return turn === 0 || value === 0 ? value : -value;
}

/** What a search prefers: its policy, else the solver's score, else visits. Ties go to the first. */
function preference(move: ActionAnalysis): number {
  return move.policy ?? move.exact ?? move.visits;
}

export function insightOf(analysis: Analysis): Insight {
  const visits = analysis.actions.reduce((sum, move) => sum + move.visits, 0);
  let best = -1;
  analysis.actions.forEach((move, i) => {
    if (best < 0 || preference(move) > preference(analysis.actions[best])) best = i;
  });
  const moves = analysis.actions.map((move, i): MoveInsight => ({
    action: move.action,
    name: move.name,
    prior: move.prior ?? undefined,
    visits: move.visits,
    share: visits > 0 ? move.visits / visits : undefined,
    policy: move.policy ?? undefined,
    value: move.value ?? undefined,
    verdict: verdictOf(move.exact ?? move.proven),
    exact: move.exact ?? undefined,
    best: i === best,
  }));
  return {
    moves,
    best: moves[best],
    value: analysis.value === null ? undefined : firstView(analysis.turn, analysis.value),
    verdict: analysis.exact === null ? undefined : verdictOf(firstView(analysis.turn, analysis.exact)),
  };
}

/** The layers that have something to show. */
export function layersOf(insight: Insight): Layer[] {
  const has = {
    off: true,
    prior: insight.moves.some((m) => m.prior !== undefined),
    visits: insight.moves.some((m) => m.share !== undefined),
    // Most searches recommend in proportion to visits: then it would say the same twice.
    policy: insight.moves.some((m) => m.prior !== undefined && m.policy !== undefined && m.share !== undefined && Math.abs(m.policy - m.share) > 0.005),
    value: insight.moves.some((m) => m.value !== undefined),
    exact: insight.moves.some((m) => m.verdict !== undefined),
  };
  return layers.filter((layer) => has[layer]);
}

const verdictWords: Record<Verdict, string> = { win: 'Win', draw: 'Draw', loss: 'Loss' };

/** One layer, cell by cell; moves without a figure are left out. */
export function marksOf(insight: Insight, layer: Layer): ActionMark[] {
  const marks: ActionMark[] = [];
  for (const { action, best, prior, share, policy, value, verdict } of insight.moves) {
    if (layer === 'prior' && prior !== undefined) marks.push({ action, best, weight: prior, text: percent(prior) });
    else if (layer === 'visits' && share !== undefined) marks.push({ action, best, weight: share, text: percent(share) });
    else if (layer === 'policy' && policy !== undefined) marks.push({ action, best, weight: policy, text: percent(policy) });
    else if (layer === 'value' && value !== undefined) marks.push({ action, best, weight: (value + 1) / 2, text: signed(value) });
    else if (layer === 'exact' && verdict !== undefined) marks.push({ action, best, weight: verdict === 'win' ? 1 : verdict === 'draw' ? 0.4 : 0, text: verdictWords[verdict] });
  }
  return marks;
}

/** One point of the game's graph: after `ply` moves, from the first player's view. */
export interface GraphPoint { readonly ply: number; readonly value: number }

/** The value over the game, ascending by ply; the last analysis of a ply counts, a review's more, and the result ends it. */
export function graphOf(snapshot: RoomSnapshot, reviewed: readonly GraphPoint[] = []): GraphPoint[] {
  const byPly = new Map<number, number>();
  for (const a of snapshot.analyses) if (a.value !== null) byPly.set(a.ply, firstView(a.turn, a.value));
  for (const { ply, value } of reviewed) byPly.set(ply, value);
  if (snapshot.result !== null) byPly.set(snapshot.moves.length, Math.sign(snapshot.result.returns));
  return [...byPly].map(([ply, value]) => ({ ply, value })).sort((a, b) => a.ply - b.ply);
}

/** One step of a dream, from the first player's view; step 0 is its start, where nothing is imagined yet. */
export interface DreamRow {
  readonly step: number;
  readonly name: string;
  readonly value: number;
  readonly seenValue: number;
  readonly reward: number;
  readonly realReward: number;
}

/** A dream's rows, and how far its values and rewards are from the real ones on average. */
export function dreamOf({ turn, value, steps }: Pick<ServerMessageOf<'dream'>, 'turn' | 'value' | 'steps'>): { readonly rows: readonly DreamRow[]; readonly valueGap: number; readonly rewardGap: number } {
  const view = (x: number) => firstView(turn, x);
  const start = { step: 0, name: '', value: view(value), seenValue: view(value), reward: 0, realReward: 0 };
  const rows = steps.map((step, i) => ({ step: i + 1, name: step.name, value: view(step.value), seenValue: view(step.seenValue), reward: view(step.reward), realReward: view(step.realReward) }));
  const mean = (gap: (row: DreamRow) => number) => rows.reduce((sum, row) => sum + Math.abs(gap(row)), 0) / rows.length;
  return { rows: [start, ...rows], valueGap: mean((row) => row.value - row.seenValue), rewardGap: mean((row) => row.reward - row.realReward) };
}

/** The analysis to show for a position: its own, else the newest before it. */
export function analysisFor(snapshot: RoomSnapshot, ply: number): Analysis | undefined {
  const earlier = snapshot.analyses.filter((a) => a.ply <= ply && a.actions.length > 0);
  const newest = earlier.reduce((latest, a) => Math.max(latest, a.ply), -1);
  const there = earlier.filter((a) => a.ply === newest);
  return there.find((a) => a.source === 'asked') ?? there.at(-1);
}

const adviserOrder: Record<AgentView['kind'], number> = { network: 0, uct: 1, alphabeta: 2, policy: 3, solver: 4, random: 5 };

/** Who may be asked about a position: not those who play at random, and not a graded agent, which may err on purpose. */
export const advisersOf = (agents: readonly AgentView[], game: string): AgentView[] => agents.filter((a) => a.game === game && a.kind !== 'random' && a.group !== 'graded');

/**
 * Who answers a hint: the newest network, else the strongest search (the catalogue lists them weakest first). Not the
 * solver, which can take minutes early in a game: the server adds exact scores to any analysis where they come quickly.
 */
export function adviserOf(agents: readonly AgentView[], game: string): AgentView | undefined {
  const rank = (a: AgentView) => 2 * adviserOrder[a.kind] + Number(a.group !== 'run');
  return advisersOf(agents, game)
    .map((agent, listed) => ({ agent, listed }))
    .sort((a, b) => rank(a.agent) - rank(b.agent) || (b.agent.checkpoint ?? '').localeCompare(a.agent.checkpoint ?? '') || b.listed - a.listed)[0]?.agent;
}
