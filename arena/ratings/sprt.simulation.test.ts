import { describe, expect, test } from 'vitest';
import { type Rng, createRng } from '#engine';
import { scoreOfElo } from './score.js';
import { type SprtOptions, sprt } from './sprt.js';

/**
 * The property that an SPRT is for: at the true elo0, H1 is accepted at most alpha of the time. 2,000 tests each; a
 * binomial count's standard deviation is then half a percentage point, and three of them are allowed.
 */
const TESTS = 2000;
const ALPHA = 0.05;
const ERROR = Math.sqrt((ALPHA * (1 - ALPHA)) / TESTS);

function draw(rng: Rng, probabilities: readonly number[]): number {
  let left = rng.float();
  for (const [i, p] of probabilities.entries()) if ((left -= p) < 0) return i;
  return probabilities.length - 1;
}

/** Shares of the tests that accepted H1, and that were undecided after `most` units. */
function simulate(options: SprtOptions, probabilities: readonly number[], unit: 'games' | 'pairs', seed: number, most = 20_000): { accepted: number; undecided: number } {
  let accepted = 0;
  let undecided = 0;
  for (let run = 0; run < TESTS; run++) {
    const rng = createRng(seed).fork('sprt', run);
    const counts = probabilities.map(() => 0);
    let state: string = 'continue';
    for (let n = 0; state === 'continue' && n < most; n++) {
      counts[draw(rng, probabilities)]++;
      ({ state } = sprt(unit === 'pairs' ? counts : { losses: counts[0], draws: counts[1], wins: counts[2] }, options));
    }
    if (state === 'H1') accepted++;
    if (state === 'continue') undecided++;
  }
  return { accepted: accepted / TESTS, undecided: undecided / TESTS };
}

describe('at the true elo0, H1 is accepted at most alpha of the time', () => {
  test('normalized, pairs, elo0 = 0', () => {
    const { accepted, undecided } = simulate({ model: 'normalized', elo0: 0, elo1: 60, alpha: ALPHA }, [0.08, 0.22, 0.4, 0.22, 0.08], 'pairs', 1);
    expect(undecided).toBe(0);
    expect(accepted).toBeLessThan(ALPHA + 3 * ERROR);
    expect(accepted).toBeGreaterThan(0.02);
  });

  test('logistic, pairs, elo0 = 20', () => {
    // Weight moved from the losing pairs to the winning ones until the mean is the expectation of 20 Elo.
    const shift = scoreOfElo(20) - 0.5;
    const probabilities = [0.1 - shift, 0.2, 0.4, 0.2, 0.1 + shift];
    const { accepted, undecided } = simulate({ model: 'logistic', elo0: 20, elo1: 75, alpha: ALPHA }, probabilities, 'pairs', 2);
    expect(undecided).toBe(0);
    expect(accepted).toBeLessThan(ALPHA + 3 * ERROR);
    expect(accepted).toBeGreaterThan(0.02);
  });

  test('Bayesian, games, elo0 = 0', () => {
    const { accepted, undecided } = simulate({ model: 'bayesian', elo0: 0, elo1: 60, alpha: ALPHA }, [0.3, 0.4, 0.3], 'games', 3);
    expect(undecided).toBe(0);
    expect(accepted).toBeLessThan(ALPHA + 3 * ERROR);
    expect(accepted).toBeGreaterThan(0.02);
  });

  test('and at the true elo1, H0 is accepted at most beta of the time', () => {
    const shift = scoreOfElo(60) - 0.5;
    const { accepted } = simulate({ model: 'logistic', elo0: 0, elo1: 60 }, [0.1 - shift, 0.2, 0.4, 0.2, 0.1 + shift], 'pairs', 4);
    expect(1 - accepted).toBeLessThan(0.05 + 3 * ERROR);
  });
});
