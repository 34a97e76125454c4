import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { flattenSettings, readSettings } from './run-settings.js';

it('settings become one flat list, in their order', () => {
  expect(flattenSettings({ game: 'connect4', search: { kind: 'gumbel', simulations: 32 }, rates: [0.02, 0.002], limit: null })).toEqual([
    { name: 'game', value: 'connect4' }, { name: 'search.kind', value: 'gumbel' }, { name: 'search.simulations', value: '32' }, { name: 'rates', value: '[0.02,0.002]' }, { name: 'limit', value: 'null' },
  ]);
});

it('a run without a readable config has none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ludus-settings-'));
  expect(readSettings(folder)).toEqual([]);
  writeFileSync(join(folder, 'config.json'), '{ broken');
  expect(readSettings(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});
