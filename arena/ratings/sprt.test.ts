import { describe, expect, test } from 'vitest';
import { createRng } from '#engine';
import { scoreOfElo } from './score.js';
import { type SprtModel, sprt, sprtBounds } from './sprt.js';

const games = (wins: number, losses: number, draws: number) => ({ wins, losses, draws });

/** Log-likelihood ratios as public testing frameworks print them. */
test.each<[string, ReturnType<typeof games> | number[], SprtModel, number, number, string]>([
  ['five cells', [379, 10170, 21828, 10640, 343], 'normalized', 0, 2, '2.9455'],
  ['games', games(36433, 36027, 68692), 'normalized', 0, 2, '0.9233'],
  ['games', games(21404, 21184, 40708), 'logistic', 0.5, 2.5, '-1.5719'],
  ['pairs', [365, 16618, 36029, 200, 16974, 390], 'normalized', 0, 2, '2.2504'],
  ['pairs', [223, 9863, 20279, 1000, 10037, 246], 'logistic', 0.5, 2.5, '-3.0741'],
  ['games', games(136, 96, 111), 'bayesian', 0, 10, '1.3618'],
  ['games', games(21404, 21184, 40708), 'bayesian', 0.5, 2.5, '-0.4604'],
])('golden LLR: %s %o, %s [%d, %d]', (_, results, model, elo0, elo1, expected) => {
  expect(sprt(results, { model, elo0, elo1 }).llr!.toFixed(4)).toBe(expected);
});

test('bounds and state', () => {
  const { lower, upper } = sprtBounds(0.05, 0.1);
  expect(lower).toBeCloseTo(Math.log(0.1 / 0.95), 12);
  expect(upper).toBeCloseTo(Math.log(0.9 / 0.05), 12);
  const options = { model: 'logistic', elo0: 0, elo1: 50 } as const;
  expect(sprt(games(900, 100, 100), options).state).toBe('H1');
  expect(sprt(games(100, 900, 100), options).state).toBe('H0');
  expect(sprt(games(1, 1, 0), options).state).toBe('continue');
  expect(sprt(games(0, 0, 0), options)).toMatchObject({ llr: null, state: 'continue' });
  expect(sprt([1, 1, 1, 1, 1, 1], { ...options, model: 'bayesian' }).llr).toBeNull();
  for (const model of ['logistic', 'normalized', 'bayesian'] as const) {
    for (const g of [games(5, 0, 0), games(0, 0, 5), games(0, 7, 0), games(1, 0, 0)]) {
      const { llr } = sprt(g, { ...options, model });
      expect(llr === null || Number.isFinite(llr)).toBe(true);
    }
  }
});

/**
 * Wald: at the true elo0, H1 is accepted with probability at most alpha. 2,000 tests each of two-outcome-free pairs and
 * games; three standard deviations of Monte-Carlo error allowed.
 */
describe('false acceptance at the true elo0', () => {
  const runs = 2000;
  const alpha = 0.05;
  const limit = alpha + 3 * Math.sqrt((alpha * (1 - alpha)) / runs);

  test('logistic over pairs', () => {
    const elo0 = 0;
    const elo1 = 60;
    const draws = 0.3;
    const win = scoreOfElo(elo0) - draws / 2;
    let accepted = 0;
    for (let run = 0; run < runs; run++) {
      const rng = createRng(11).fork('sprt', run);
      const cells = [0, 0, 0, 0, 0];
      const half = (): number => {
        const u = rng.float();
        return u < win ? 2 : u < win + draws ? 1 : 0;
      };
      for (let state = 'continue'; state === 'continue'; ) {
        for (let i = 0; i < 4; i++) cells[half() + half()]++;
        state = sprt(cells, { model: 'logistic', elo0, elo1, alpha, beta: 0.05 }).state;
        if (state === 'H1') accepted++;
      }
    }
    expect(accepted / runs).toBeLessThan(limit);
    expect(accepted).toBeGreaterThan(0);
  });

  test('Bayesian over games', () => {
    const elo0 = 10;
    const elo1 = 90;
    const drawElo = 120;
    const win = scoreOfElo(elo0 - drawElo);
    const loss = scoreOfElo(-elo0 - drawElo);
    let accepted = 0;
    for (let run = 0; run < runs; run++) {
      const rng = createRng(12).fork('sprt', run);
      const counts = { wins: 0, draws: 0, losses: 0 };
      for (let state = 'continue'; state === 'continue'; ) {
        for (let i = 0; i < 8; i++) {
          const u = rng.float();
          if (u < win) counts.wins++;
          else if (u < win + loss) counts.losses++;
          else counts.draws++;
        }
        state = sprt(counts, { model: 'bayesian', elo0, elo1, alpha, beta: 0.05 }).state;
        if (state === 'H1') accepted++;
      }
    }
    expect(accepted / runs).toBeLessThan(limit);
    expect(accepted).toBeGreaterThan(0);
  });
});
