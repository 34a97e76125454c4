/** Whether the network's values have the right sign, and whether they promise what comes. */
import { Agreement } from '../agreement.js';
import type { Answers, Sample } from './evidence.js';
import { fixed, graded, question, whole, type Finding } from './finding.js';

/** Fewer games than this say nothing; a young network's values need not say anything yet. */
const FEW_GAMES = 30;
const YOUNG_STEPS = 200;
/** Correlation of value and outcome below which a value is worth little. */
const LITTLE = 0.1;
const BINS = 10;

const SIGN = 'each seat\'s correlation of value and outcome at least 0.1; clearly below 0 is a wrong sign';

/** For every seat the correlation between the value that the network gives the seat to move and how the game ended for it. */
export function valueSign(sample: Sample, { value }: Answers, step: number, whose = 'the network'): Finding {
  const answer = question('value-sign', 'Do values have the right sign?', SIGN);
  const seats = [0, 1].map((seat) => {
    const agreement = new Agreement();
    const games = new Set<number>();
    for (let i = 0; i < sample.count; i++) {
      if (sample.seats[i] !== seat) continue;
      agreement.add(value[i], sample.outcomes[i]);
      games.add(sample.games[i]);
    }
    // Positions of one game share its outcome: games, not positions, are the independent trials.
    return { seat, correlation: agreement.correlation, games: games.size, noise: 1 / Math.sqrt(Math.max(1, games.size)) };
  });
  const told = seats.map(({ seat, correlation, games }) => `seat ${seat} ${correlation === undefined ? 'n/a' : fixed(correlation)} (${whole(games)} games)`).join(', ');
  const least = Math.min(...seats.map(({ correlation = 0 }) => correlation));
  const wrong = seats.filter(({ correlation = 0, noise }) => correlation < -Math.max(LITTLE, 2.6 * noise));
  if (seats.every(({ games }) => games < FEW_GAMES)) return answer('unknown', least, told, `Fewer than ${FEW_GAMES} games are too few to tell.`, 'Train a little longer.');
  if (wrong.length === 2) {
    return answer('problem', least, told, `The sign of the value is inverted: ${whose} calls won positions lost, and lost ones won.`,
      'Values must speak for the seat to move, +1 = it wins: look for a negation in the network\'s value head, in `apply`\'s rewards (to seat 0), or where weights were edited; then begin a new run, since its games were searched by these values.');
  }
  if (wrong.length === 1) {
    return answer('problem', least, told, `The sign of the value is inverted for seat ${wrong[0].seat} alone: ${whose} does not speak for the seat to move there.`,
      'Let `observe` show the position from the view of the seat to move, and `apply` return the reward to seat 0 whoever moved (`ludus games check`); then begin a new run.');
  }
  if (seats.some(({ correlation }) => correlation === undefined) || seats.some(({ correlation = 0, noise }) => correlation < Math.max(LITTLE, 2 * noise))) {
    if (step < YOUNG_STEPS) return answer('unknown', least, told, `After ${whole(step)} steps values need not know anything yet.`, 'Train a little longer.');
    return answer('warning', least, told, 'Values say hardly anything about how games end.', 'Raise learner.valueWeight, or lower learner.valueMix so that results count for more; check that the overfitting check succeeds.');
  }
  return answer('ok', least, told, 'Values rise with the outcome, for both seats.');
}

export interface ReliabilityBin {
  /** Mean value that was promised, mean outcome that came, positions, and games that they are from. */
  readonly value: number;
  readonly outcome: number;
  readonly positions: number;
  readonly games: number;
}

/** Positions grouped by the network's value in ten equal parts of [-1, 1]; empty ones are left out. */
export function reliability(sample: Sample, { value }: Answers): ReliabilityBin[] {
  const bins = Array.from({ length: BINS }, () => ({ values: 0, outcomes: 0, positions: 0, games: new Set<number>() }));
  for (let i = 0; i < sample.count; i++) {
    const bin = bins[Math.min(BINS - 1, Math.max(0, Math.floor(((value[i] + 1) / 2) * BINS)))];
    bin.values += value[i];
    bin.outcomes += sample.outcomes[i];
    bin.positions++;
    bin.games.add(sample.games[i]);
  }
  return bins.flatMap((b) => (b.positions === 0 ? [] : [{ value: b.values / b.positions, outcome: b.outcomes / b.positions, positions: b.positions, games: b.games.size }]));
}

/** Expected calibration error [value, 0..2], and how much of it chance alone would make with so few games. */
export function calibrationError(bins: readonly ReliabilityBin[]): { error: number; chance: number } {
  const total = bins.reduce((sum, { positions }) => sum + positions, 0);
  let error = 0;
  let chance = 0;
  for (const { value, outcome, positions, games } of bins) {
    const share = positions / total;
    error += share * Math.abs(value - outcome);
    // The mean of n outcomes of ±1 with this mean misses by sqrt(2 / pi) of its standard error on average.
    chance += share * Math.sqrt(((2 / Math.PI) * Math.max(0.05, 1 - Math.min(1, Math.abs(outcome)) ** 2)) / games);
  }
  return { error, chance };
}

export function valueCalibration(sample: Sample, answers: Answers, step: number): Finding {
  const answer = question('value-calibration', 'Do values promise what comes?', 'expected calibration error beyond chance at most 0.10; above 0.25 is a problem');
  const bins = reliability(sample, answers);
  const { error, chance } = calibrationError(bins);
  const beyond = Math.max(0, error - chance);
  const slope = slopeOf(sample, answers);
  const told = `error ${fixed(error)} in units of value, ${fixed(chance)} of it by chance; slope of outcomes over values ${fixed(slope)}`;
  if (new Set(sample.games).size < FEW_GAMES) return answer('unknown', beyond, told, `Fewer than ${FEW_GAMES} games are too few to tell.`, 'Train a little longer.');
  const level = graded(beyond, 0.1, 0.25);
  if (level === 'ok') return answer('ok', beyond, told, 'Games end about as well as the values promise.');
  if (step < YOUNG_STEPS) return answer('unknown', beyond, told, `After ${whole(step)} steps values need not be honest yet.`, 'Train a little longer.');
  if (slope < 0) return answer(level, beyond, told, 'Values promise the opposite of what comes.', 'See the check of the value\'s sign.');
  return slope < 1
    ? answer(level, beyond, told, 'Values promise too much: outcomes are less clear than they say.', 'Lower learner.reuse (the network remembers single games), or raise learner.valueMix so that the search\'s value softens the results.')
    : answer(level, beyond, told, 'Values promise too little: outcomes are clearer than they say.', 'Raise learner.valueWeight, or lower learner.valueMix and learner.weightDecay.');
}

/** Of the line through the outcomes over the values. */
function slopeOf(sample: Sample, { value }: Answers): number {
  const agreement = new Agreement();
  for (let i = 0; i < sample.count; i++) agreement.add(value[i], sample.outcomes[i]);
  return agreement.slope ?? Number.NaN;
}
