import { expect, it } from 'vitest';
import { sectionsOf } from './settings.js';

it('settings come by section, those without one first', () => {
  const settings = [{ name: 'search.kind', value: 'gumbel' }, { name: 'game', value: 'connect4' }, { name: 'search.root.noise', value: '0.25' }];
  expect(sectionsOf(settings)).toEqual([['run', [{ name: 'game', value: 'connect4' }]], ['search', [{ name: 'kind', value: 'gumbel' }, { name: 'root.noise', value: '0.25' }]]]);
  expect(sectionsOf([])).toEqual([]);
});
