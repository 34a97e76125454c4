/** What was measured of a checkpoint as points of curves, and as what the list of checkpoints shows. */
import type { EvaluationResult } from '#selfplay';
import type { CheckpointView } from '#arena/protocol';
import type { Sample } from './curves.js';

/** 95 % of a normal distribution lie within so many standard errors. */
export const HALF_WIDTH = 1.96;

/** "loss/total" and "score random" become names that curves may have. */
export function curveName(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9]+/g, '.').replace(/^[^a-z]+/, '').slice(0, 64);
}

/**
 * The evaluators' names: `elo` with `eloError` (a half-width already) becomes `rating`, `return` with `returnError` (a
 * standard error) `evaluation.return`; others become curves of their own.
 */
export function evaluationSample(values: EvaluationResult['values'], at: Pick<Sample, 'elapsed' | 'games' | 'steps'>): Sample {
  const { elo, eloError, returnError, episodes: _, ...rest } = values;
  const named = Object.fromEntries(Object.entries(rest).map(([name, value]) => [curveName(`evaluation.${name}`), value]));
  const errors = {
    ...(elo !== undefined && eloError !== undefined ? { rating: eloError } : {}),
    ...(rest.return !== undefined && returnError !== undefined ? { 'evaluation.return': HALF_WIDTH * returnError } : {}),
  };
  return { ...at, values: elo === undefined ? named : { ...named, rating: elo }, ...(Object.keys(errors).length > 0 ? { errors } : {}) };
}

/** Of a checkpoint that was not measured: nulls. */
export function measured(values: EvaluationResult['values'] | undefined): Pick<CheckpointView, 'rating' | 'outcome' | 'optimal' | 'score'> {
  return {
    rating: values?.elo === undefined ? null : { elo: values.elo, error: values.eloError ?? 0, against: 'anchors' },
    outcome: values?.outcome ?? null, optimal: values?.optimal ?? null,
    score: values?.return === undefined ? null : { mean: values.return, error: HALF_WIDTH * (values.returnError ?? 0) },
  };
}
