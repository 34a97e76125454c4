import { describe, expect, it } from 'vitest';
import type { ActionAnalysis, AgentView, Analysis, RoomSnapshot } from '#arena/protocol';
import { adviserOf, analysisFor, dreamOf, firstView, graphOf, insightOf, layersOf, marksOf, verdictOf } from './insight.js';

const move = (over: Partial<ActionAnalysis>): ActionAnalysis => ({ action: 0, name: '1', prior: null, visits: 0, value: null, policy: null, proven: null, exact: null, ...over });
const analysis = (over: Partial<Analysis>): Analysis => ({
  ply: 0, turn: 0, agent: 'a', agentName: 'A', source: 'move', simulations: 10, millis: 3, value: 0.5, actions: [], principalVariation: [], exact: null, ...over,
});

it('a dream in the first player’s view, and how far it is off', () => {
  const step = { action: 4, name: 'b2' };
  const { rows, valueGap, rewardGap } = dreamOf({ turn: 1, value: 0.5, steps: [{ ...step, reward: 0.25, value: 0.75, realReward: 0, seenValue: 0.25 }, { ...step, reward: 0.75, value: -0.25, realReward: 1, seenValue: 0 }] });
  expect(rows.map((row) => [row.step, row.value, row.seenValue, row.reward, row.realReward])).toEqual([[0, -0.5, -0.5, 0, 0], [1, -0.75, -0.25, -0.25, 0], [2, 0.25, 0, -0.75, -1]]);
  expect([valueGap, rewardGap]).toEqual([0.375, 0.25]);
});

describe('values', () => {
  it('turn to the first player’s view', () => {
    expect([firstView(0, 0.3), firstView(1, 0.3), firstView(1, 0)]).toEqual([0.3, -0.3, 0]);
    expect(insightOf(analysis({ turn: 1, value: 0.5, exact: 4 }))).toMatchObject({ value: -0.5, verdict: 'loss' });
  });
  it('have verdicts by their sign', () => expect([verdictOf(18), verdictOf(0), verdictOf(-2), verdictOf(null)]).toEqual(['win', 'draw', 'loss', undefined]));
});

describe('an analysis', () => {
  const searched = insightOf(analysis({ actions: [move({ action: 2, prior: 0.2, visits: 25, value: -0.1, policy: 0.25 }), move({ action: 3, prior: 0.8, visits: 75, value: 0.4, policy: 0.75, proven: 1 })] }));
  it('has shares, a best move and the layers it can show', () => {
    expect(searched.moves.map((m) => m.share)).toEqual([0.25, 0.75]);
    expect(searched.best?.action).toBe(3);
    expect(searched.moves[1].verdict).toBe('win');
    expect(layersOf(searched)).toEqual(['off', 'prior', 'visits', 'value', 'exact']);
  });
  it('marks the board with the chosen layer only', () => {
    expect(marksOf(searched, 'off')).toEqual([]);
    expect(marksOf(searched, 'visits').map((m) => m.text)).toEqual(['25\u00a0%', '75\u00a0%']);
    expect(marksOf(searched, 'exact')).toMatchObject([{ action: 3, text: 'Win' }]);
  });
  it('of a solver alone prefers the best exact score', () => {
    const exact = insightOf(analysis({ value: null, actions: [move({ action: 0, exact: -2 }), move({ action: 1, exact: 0 })] }));
    expect(exact.best?.action).toBe(1);
    expect(layersOf(exact)).toEqual(['off', 'exact']);
  });
});

function room(analyses: Analysis[], over: Partial<RoomSnapshot> = {}): RoomSnapshot {
  return {
    roomId: 'room-aaaa', seq: 1, epoch: 'e', game: { id: 'connect4', version: 1 }, gameNumber: 1, setup: null, swapped: false,
    seats: [{ kind: 'human', name: 'A person', taken: true, connected: true, forfeitAt: null, clock: null }, { kind: 'agent', agent: 'a', name: 'A', strength: null, clock: null }],
    moves: [0, 1, 2].map((action, i) => ({ action, name: String(action + 1), seat: (i % 2) as 0 | 1, millis: 1 })), turn: 1, legal: [], result: null, clock: null, offers: [], hints: [], hintsAllowed: true, thinking: null, analyses, ...over,
  };
}

describe('over a game', () => {
  it('the graph is the first player’s value and ends with the result', () => {
    const analyses = [analysis({ ply: 1, turn: 1, value: 0.2 }), analysis({ ply: 2, turn: 0, value: 0.1 })];
    expect(graphOf(room(analyses))).toEqual([{ ply: 1, value: -0.2 }, { ply: 2, value: 0.1 }]);
    expect(graphOf(room(analyses, { result: { returns: 1, winner: 0, reason: 'normal' } })).at(-1)).toEqual({ ply: 3, value: 1 });
  });
  it('a position shows its own thoughts, asked ones first, else the newest before it', () => {
    const some = [move({ visits: 1 })];
    const analyses = [analysis({ ply: 1, actions: some }), analysis({ ply: 1, actions: some, source: 'asked', agent: 'solver' }), analysis({ ply: 3, actions: some })];
    expect(analysisFor(room(analyses), 2)?.agent).toBe('solver');
    expect(analysisFor(room(analyses), 3)?.ply).toBe(3);
    expect(analysisFor(room(analyses), 0)).toBeUndefined();
  });
});

describe('a second opinion', () => {
  const agent = (id: string, kind: AgentView['kind'], group: AgentView['group'] = 'anchor', checkpoint: string | null = null): AgentView => ({ id, name: id, description: '', kind, group, game: 'connect4', simulations: null, model: false, checkpoint });
  const fixed = [agent('random', 'random'), agent('uct-100', 'uct'), agent('uct-1000', 'uct'), agent('solver', 'solver')];

  it('comes from the newest network, else the strongest search, never from chance', () => {
    const networks = [agent('model:x', 'network', 'shipped'), agent('run:1', 'network', 'run', 'step-00000001'), agent('run:2', 'network', 'run', 'step-00000002')];
    expect(adviserOf([...fixed, ...networks], 'connect4')?.id).toBe('run:2');
    expect(adviserOf(fixed, 'connect4')?.id).toBe('uct-1000');
    expect(adviserOf([fixed[0]], 'connect4')).toBeUndefined();
  });
});
