import { describe, expect, it } from 'vitest';
import type { AgentView } from '#arena/protocol';
import { defaultPreset, groupsOf, presetsOf, ratingText, seatsFor, simulationsToSlider, sliderToSimulations } from './opponents.js';

const agent = (id: string, over: Partial<AgentView>): AgentView => ({ id, name: id, description: '', kind: 'uct', group: 'anchor', game: 'connect4', simulations: null, checkpoint: null, model: false, ...over });
const range = { min: 1, max: 1000, default: 200 };
const agents = [
  agent('random', { kind: 'random' }), agent('uct-100', {}), agent('uct-1000', {}), agent('solver', { kind: 'solver' }), agent('other', { game: 'tic-tac-toe' }),
  agent('run:1', { kind: 'network', group: 'run', checkpoint: 'step-00000100', simulations: range }), agent('run:2', { kind: 'network', group: 'run', checkpoint: 'step-00000200', simulations: range }),
];

describe('presets', () => {
  it('come from the catalogue, easiest first, with the newest checkpoint as the learner', () => {
    const presets = presetsOf(agents, 'connect4');
    expect(presets.map((p) => [p.id, p.agent.id])).toEqual([['beginner', 'uct-100'], ['solid', 'uct-1000'], ['learner', 'run:2'], ['perfect', 'solver']]);
    expect(defaultPreset(presets)?.id).toBe('learner');
  });
  it('use a search of chosen strength where there is one', () => {
    const presets = presetsOf([...agents, agent('uct', { simulations: range })], 'connect4');
    expect(presets[0]).toMatchObject({ agent: { id: 'uct' }, strength: { simulations: 25 } });
  });
  it('are the graded agents where there are some, then the learner and perfect play; the middle one first', () => {
    const graded = ['beginner', 'casual', 'merciless'].map((name, i) => agent(`level:c4:${name}`, { name, kind: i < 2 ? 'policy' : 'network', group: 'graded', rating: { elo: 300 * i + 100.4, error: 40, games: 300 } }));
    const presets = presetsOf([...agents, agent('model:connect4', { kind: 'network', group: 'shipped', simulations: range }), ...graded], 'connect4');
    expect(presets.map((p) => p.agent.id)).toEqual(['level:c4:beginner', 'level:c4:casual', 'level:c4:merciless', 'run:2', 'solver']);
    expect(defaultPreset(presets)?.title).toBe('casual');
    expect(presets.map((p) => ratingText(p.agent))).toEqual(['100 ± 40', '400 ± 40', '700 ± 40', undefined, undefined]);
  });
  it('are none for a game without agents', () => expect(defaultPreset(presetsOf(agents, 'chess'))).toBeUndefined());
});

it('groups keep to one game and put the newest checkpoint first', () => {
  const groups = groupsOf(agents, 'connect4');
  expect(groups[0].agents.map((a) => a.id)).toEqual(['run:2', 'run:1']);
  expect(groups.flatMap((g) => g.agents)).toHaveLength(6);
});

describe('seats', () => {
  const kinds = (seats: ReturnType<typeof seatsFor>) => seats.map((s) => s.kind);
  it.each([['me', true, ['human', 'agent']], ['them', true, ['agent', 'human']], ['chance', true, ['human', 'agent']], ['chance', false, ['agent', 'human']]] as const)(
    '%s begins, coin %s', (begins, coin, expected) => expect(kinds(seatsFor({ kind: 'agent', agent: 'random' }, begins, coin))).toEqual(expected));
  it('by link leaves the other seat open; here both are ours', () => {
    expect(seatsFor({ kind: 'link' }, 'me', true)[1]).toMatchObject({ kind: 'human', open: true });
    expect(seatsFor({ kind: 'here' }, 'them', false).every((s) => s.kind === 'human' && s.open === undefined)).toBe(true);
  });
});

describe('the strength slider', () => {
  it('reaches both ends and is logarithmic between', () => {
    expect([0, 60].map((p) => sliderToSimulations(p, 60, 1, 10_000))).toEqual([1, 10_000]);
    expect(sliderToSimulations(30, 60, 1, 10_000)).toBe(100);
  });
  it('comes back to where it was', () => {
    for (let position = 15; position <= 60; position++) expect(simulationsToSlider(sliderToSimulations(position, 60, 1, 10_000), 60, 1, 10_000)).toBe(position);
  });
});
