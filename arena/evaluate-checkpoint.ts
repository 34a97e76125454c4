/**
 * How strong a checkpoint is: exact positions where the game is solved, points and Elo against anchors; in a task of one,
 * the mean return. One thread, sized by the run's config, so that training is hardly slowed. selfplay is handed this by the command line.
 */
import { loadGame } from '#games';
import type { EvaluationResult, RunConfig } from '#selfplay';
import { getAlgorithm, type TaskRunConfig } from '#selfplay/tasks';
import { AgentHost } from './agents/hosted.js';
import { parseAgentSpec, printAgentSpec } from './agents/spec.js';
import { anchorElo } from './anchors.js';
import { Judge, judgeAll, spread } from './evaluate.js';
import { examPositions } from './exam/positions.js';
import { playMatch } from './match.js';
import { scoreTask } from './task-score.js';
import { type RatedGame, Z95, rateTournament } from './ratings/index.js';

export interface AnchorScore {
  /** Canonical string. */
  readonly agent: string;
  /** The checkpoint's. */
  readonly wins: number;
  readonly draws: number;
  readonly losses: number;
}

export interface CheckpointEvaluation extends EvaluationResult {
  readonly anchors: readonly AnchorScore[];
}

/** The same openings for every checkpoint, so that their results compare. */
const SEED = 'checkpoint evaluation';
/** And the same beginnings of episodes. */
const EPISODE_SEED = 8_420;
/** Half a win and half a loss against each anchor beyond the games played: keeps the Elo of a clean sweep finite. */
const VIRTUAL_DRAWS = 1;

/**
 * Values by name: `outcome`, `optimal`, `nontrivial` (shares of moves, in [0, 1]) where the game has exact positions;
 * `score/ANCHOR` (share of the points) for each anchor, such as `score/uct1000`; `elo` with `eloError` (95 % half-width).
 * Throws UserError for an anchor that does not exist, the signal's reason when aborted.
 */
export async function evaluateCheckpoint(checkpoint: string, config: Pick<RunConfig, 'game' | 'device' | 'evaluation'>, signal?: AbortSignal): Promise<CheckpointEvaluation> {
  return evaluateForTwo(checkpoint, `az:"${checkpoint}",sims=${config.evaluation.simulations}`, config, signal);
}

/**
 * The same of a run that learns a task. In a task of one, by whole episodes from the same beginnings for each checkpoint:
 * `return`, the mean return without exploration, with `returnError` (its standard error) and `episodes`. Throws the same.
 */
export async function evaluateTaskCheckpoint(checkpoint: string, config: Pick<TaskRunConfig, 'game' | 'algorithm' | 'device' | 'evaluation'>, seats: 1 | 2, signal?: AbortSignal): Promise<CheckpointEvaluation> {
  const { simulations, episodes } = config.evaluation;
  // What learned a model searches in it; whatever else was learnt plays by its policy.
  const agent = getAlgorithm(config.algorithm).family === 'muzero' ? `mz:"${checkpoint}",sims=${simulations}` : `policy:"${checkpoint}"`;
  if (seats === 2) return evaluateForTwo(checkpoint, agent, config, signal);
  const score = await scoreTask({ game: config.game, agent, episodes, seed: EPISODE_SEED, device: config.device }, signal);
  const digits = Math.abs(score.mean) < 1 ? 3 : Math.abs(score.mean) < 100 ? 2 : 1;
  return {
    summary: `return ${score.mean.toFixed(digits)} ± ${score.standardError.toFixed(digits)} (standard error) over ${score.episodes} episodes`,
    values: { return: score.mean, returnError: score.standardError, episodes: score.episodes }, anchors: [],
  };
}

async function evaluateForTwo(checkpoint: string, spec: string, config: Pick<RunConfig, 'game' | 'device' | 'evaluation'>, signal?: AbortSignal): Promise<CheckpointEvaluation> {
  const { pairs, anchors, positions } = config.evaluation;
  const game = await loadGame(config.game);
  const agent = parseAgentSpec(spec, { trusted: true });
  const host = await AgentHost.start({ game: config.game, agent, device: config.device });
  const values: Record<string, number> = {};
  const said: string[] = [];
  const scores: AnchorScore[] = [];
  try {
    const exam = spread(examPositions(game), positions);
    if (exam.length > 0) {
      const judge = new Judge();
      await judgeAll([host], exam, judge, { seed: SEED, signal });
      const { outcome, optimal, nontrivial } = judge.result();
      for (const [name, value] of Object.entries({ outcome, optimal, nontrivial: nontrivial.outcome })) if (value !== null) values[name] = value;
      said.push(`keeps the result in ${percent(outcome)} of ${exam.length} positions`);
    }
    for (const text of game.seats === 2 ? anchors : []) {
      const spec = parseAgentSpec(text, { trusted: true });
      const opponent = await AgentHost.start({ game: config.game, agent: spec, device: config.device });
      try {
        const { wins, draws, losses } = await playMatch(game, [{ a: host, b: opponent }], { pairs, seed: SEED, signal });
        signal?.throwIfAborted();
        const points = wins + draws / 2;
        const games = wins + draws + losses;
        scores.push({ agent: printAgentSpec(spec), wins, draws, losses });
        values[`score/${label(spec)}`] = points / games;
        said.push(`${points}/${games} against ${text}`);
      } finally {
        await opponent.close();
      }
    }
  } finally {
    await host.close();
  }
  const [rating] = rateCheckpoints(game.id, [{ name: checkpoint, anchors: scores }]);
  if (rating !== undefined && rating.elo !== null) {
    values.elo = rating.elo;
    if (rating.error !== null) values.eloError = rating.error;
    said.push(`Elo ${rating.elo.toFixed(0)}${rating.error === null ? '' : ` ± ${rating.error.toFixed(0)}`}`);
  }
  return { summary: said.join(', '), values, anchors: scores };
}

const percent = (share: number | null): string => (share === null ? 'n/a' : `${(100 * share).toFixed(1)} %`);

/** A name for curves: kind and strength, `uct1000`. */
function label(spec: ReturnType<typeof parseAgentSpec>): string {
  const strength = 'sims' in spec.options ? spec.options.sims : 'depth' in spec.options ? spec.options.depth : '';
  return `${spec.kind}${strength}`;
}

export interface CheckpointRating {
  readonly name: string;
  /** On the game's scale (random = 0); with anchors that have no place on it, relative to the first anchor. */
  readonly elo: number | null;
  /** 95 % half-width. */
  readonly error: number | null;
}

/** Rates checkpoints together by their results against anchors: the rating of a run over time. */
export function rateCheckpoints(gameId: string, checkpoints: readonly { readonly name: string; readonly anchors: readonly AnchorScore[] }[]): CheckpointRating[] {
  const games: RatedGame[] = [];
  const known: Record<string, number> = {};
  for (const { name, anchors } of checkpoints) {
    for (const { agent, wins, draws, losses } of anchors) {
      const elo = anchorElo(gameId, agent);
      if (elo !== undefined) known[agent] = elo;
      for (const [count, score] of [[wins, 1], [draws, 0.5], [losses, 0]] as const) {
        for (let i = 0; i < count; i++) games.push({ first: name, second: agent, score });
      }
    }
  }
  const first = checkpoints.flatMap((c) => c.anchors)[0]?.agent;
  if (first === undefined) return checkpoints.map(({ name }) => ({ name, elo: null, error: null }));
  const anchors = Object.keys(known).length > 0 ? known : { [first]: 0 };
  const rated = new Map(rateTournament(games, { model: 'bt', advantage: false, anchors, virtualDraws: VIRTUAL_DRAWS }).players.map((p) => [p.name, p]));
  return checkpoints.map(({ name }) => {
    const { elo = null, se = null } = rated.get(name) ?? {};
    return { name, elo, error: se === null ? null : Z95 * se };
  });
}
