import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { OVER, createRng } from '#engine';
import { createMinAtar, minatarId } from './index.js';

interface Row {
  readonly quantity: string;
  readonly channel: string;
  readonly mean: number;
  readonly error: number;
}

/** Uniformly random play of the reference package: testdata/minatar/README.md. */
const published = new Map<string, Row[]>();
const [, ...lines] = readFileSync(new URL('../../testdata/minatar/random-policy.csv', import.meta.url), 'utf8').trim().split('\n');
for (const line of lines) {
  const [game, sticky, , , , quantity, channel, , mean, error] = line.split(',');
  const run = `${game},${sticky}`;
  published.set(run, [...(published.get(run) ?? []), { quantity, channel, mean: Number(mean), error: Number(error) }]);
}

/** Mean of y / x over episodes, with the standard error of a ratio estimator. */
function ratio(ys: readonly number[], xs: readonly number[]): { mean: number; error: number } {
  const n = ys.length;
  const sum = xs.reduce((a, b) => a + b, 0);
  const mean = ys.reduce((a, b) => a + b, 0) / sum;
  const squares = ys.reduce((a, y, i) => a + (y - mean * xs[i]) ** 2, 0);
  return { mean, error: Math.sqrt((squares / (n - 1)) * n) / sum };
}

describe.each<[game: string, sticky: number, episodes: number]>([
  ['asterix', 0.1, 6000],
  ['asterix', 0, 6000],
  ['breakout', 0.1, 20_000],
  ['breakout', 0, 20_000],
  ['freeway', 0.1, 200],
  ['freeway', 0, 200],
])('%s with sticky actions %d', (name, sticky, episodes) => {
  const game = createMinAtar(minatarId(name), { sticky });
  const returns: number[] = [];
  const lengths: number[] = [];
  /** By channel, by episode: mean share of the 100 cells, times the length. */
  const active = game.channels.map((): number[] => []);
  const ones: number[] = Array.from({ length: episodes }, () => 1);

  beforeAll(() => {
    const rng = createRng(`random policy ${name} ${sticky}`);
    const planes = new Float32Array(game.settings.observationSize);
    const state = game.start(rng);
    for (let episode = 0; episode < episodes; episode++) {
      state.restart(rng);
      const sums = game.channels.map(() => 0);
      let total = 0;
      while (state.turn !== OVER) {
        total += state.apply(rng.below(6), rng);
        state.observe(planes);
        for (let i = 0; i < planes.length; i++) if (planes[i] === 1) sums[(i / 100) | 0]++;
      }
      returns.push(total);
      lengths.push(state.steps);
      for (const [channel, sum] of sums.entries()) active[channel].push(sum / 100);
    }
  });

  test.each((published.get(`${name},${sticky.toFixed(1)}`) ?? []).map((row) => [`${row.quantity} ${row.channel}`, row] as const))(
    '%s is within four combined standard errors of the reference',
    (_name, row) => {
      const ours =
        row.quantity === 'return' ? ratio(returns, ones)
        : row.quantity === 'episode_length' ? ratio(lengths, ones)
        : row.quantity === 'reward_per_step' ? ratio(returns, lengths)
        : row.quantity === 'zero_return_episodes_fraction' ? ratio(returns.map((total) => (total === 0 ? 1 : 0)), ones)
        : ratio(active[Number(row.channel)], lengths);
      // The reference prints six decimals.
      expect(Math.abs(ours.mean - row.mean)).toBeLessThanOrEqual(4 * Math.hypot(ours.error, row.error) + 1e-6);
    },
  );
});

test('every row of the reference is looked at', () => {
  expect([...published.keys()].sort()).toEqual(['asterix,0.0', 'asterix,0.1', 'breakout,0.0', 'breakout,0.1', 'freeway,0.0', 'freeway,0.1']);
  expect([...published.values()].flat().length).toBe(lines.length);
});
