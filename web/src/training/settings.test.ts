import { expect, it } from 'vitest';
import { differencesOf } from './differences.js';
import { sectionsOf } from './settings.js';

it('settings come by section, those without one first', () => {
  const settings = [{ name: 'search.kind', value: 'gumbel' }, { name: 'game', value: 'connect4' }, { name: 'search.root.noise', value: '0.25' }];
  expect(sectionsOf(settings)).toEqual([['run', [{ name: 'game', value: 'connect4' }]], ['search', [{ name: 'kind', value: 'gumbel' }, { name: 'root.noise', value: '0.25' }]]]);
  expect(sectionsOf([])).toEqual([]);
});

it('only what differs between runs is listed, with a gap where a run has no such setting', () => {
  const run = (...pairs: [string, string][]) => pairs.map(([name, value]) => ({ name, value }));
  expect(differencesOf([run(['seed', '1'], ['batch', '256']), run(['seed', '1'], ['batch', '512'], ['extra', 'x'])])).toEqual([
    { name: 'batch', values: ['256', '512'] }, { name: 'extra', values: [undefined, 'x'] },
  ]);
});
