/** One generated game: random plies, then a strong player labels every position, and weaker play keeps games varied. */
import { type Action, type Game, OVER, type Rng, type Turn, createRng } from '#engine';
import { type Episode, EpisodeRecorder, startEpisode } from '#selfplay';
import type { Evaluation } from '#games/chess';
import { Adjudicator } from '../adjudication.js';
import type { Labeller } from './labeller.js';

export interface PlaySettings {
  /** Random plies before the first label, least and most. */
  readonly randomPlies: readonly [least: number, most: number];
  /** Mean share of moves that are random, and whose refutation is learnt; each game draws its own from 0 to twice this. */
  readonly mistakes: number;
  /** Share of games that are played to their end, however clear. */
  readonly playOut: number;
  /** Plies after which a game is a draw. */
  readonly maxPlies: number;
}

export interface GeneratedGame {
  readonly index: number;
  readonly episode: Episode;
  /** [plies]: the engine's, view of seat 0; undefined for random plies and players that give none. */
  readonly scores: readonly (Evaluation | undefined)[];
  /** Why it ended. */
  readonly end: string;
}

/** Both players hold it decided by this value, or level by that, for so many moves each. */
const RULES = { resign: { score: 0.95, moves: 3 }, draw: { score: 0.02, moves: 8, after: 40 } } as const;

/** Game `index`: the same for the same seed, settings and player. Throws AgentFailure when the player fails. */
export async function generateGame(game: Game, labeller: Labeller, settings: PlaySettings, seed: number, index: number, idPrefix: string): Promise<GeneratedGame> {
  const rng = createRng(seed).fork('generate', index);
  const start = rng.uint32();
  const state = startEpisode(game, start);
  const recorder = new EpisodeRecorder();
  const scores: (Evaluation | undefined)[] = [];
  const known: boolean[] = [];
  const moves: Action[] = [];
  const legal = new Int32Array(game.actionCount);
  const probabilities = new Float32Array(game.actionCount);
  const mistakes = 2 * settings.mistakes * rng.float();
  const adjudicator = new Adjudicator({ ...(rng.float() < settings.playOut ? {} : RULES), maxPlies: settings.maxPlies });
  const [least, most] = settings.randomPlies;
  const random = least + rng.below(most - least + 1);
  let verdict: { readonly result: number; readonly reason: string } | undefined;
  await labeller.newGame();
  for (let turn: Turn = state.turn; turn !== OVER && verdict === undefined; turn = state.turn) {
    const seat = turn === 0 ? 0 : 1;
    const sign = seat === 0 ? 1 : -1;
    let action = legal[rng.below(state.legal(legal))];
    if (moves.length < random) {
      recorder.ply(action, state.apply(action, rng), 0, false);
      scores.push(undefined);
      known.push(false);
    } else {
      const { actions, policy, value, score } = await labeller.label({ seed: start, moves }, state, rng.fork('label', moves.length));
      if (rng.float() >= mistakes) action = drawn(actions, policy, rng);
      actions.forEach((a, i) => (probabilities[a] = policy[i]));
      recorder.ply(action, state.apply(action, rng), sign * (value ?? 0), true);
      recorder.policy(Int32Array.from(actions).sort(), actions.length, probabilities);
      scores.push(score === undefined ? undefined : seen(score, sign));
      known.push(value !== undefined);
      verdict = adjudicator.move(seat, value);
    }
    moves.push(action);
  }
  const episode = recorder.finish({ id: `${idPrefix}${index}`, gameId: game.id, gameVersion: game.version, seed: start, setup: undefined, checkpoint: 0, end: 'terminated' });
  // The rules go before: a game that they ended has its reward.
  if (verdict !== undefined && state.turn !== OVER) episode.rewards[episode.rewards.length - 1] += verdict.result;
  fillValues(episode, known);
  return { index, episode, scores, end: state.turn === OVER ? 'by the rules' : (verdict?.reason ?? '') };
}

const seen = (score: Evaluation, sign: number): Evaluation => ('centipawns' in score ? { centipawns: sign * score.centipawns } : { mate: sign * score.mate });

function drawn(actions: readonly Action[], policy: readonly number[], rng: Rng): Action {
  let left = rng.float() - policy[0];
  let at = 0;
  while (left >= 0 && at < actions.length - 1) left -= policy[++at];
  return actions[at];
}

/** Where a player gave no value, what the game came to stands for it. */
function fillValues({ rootValues, rewards, trained }: Episode, known: readonly boolean[]): void {
  for (let ply = rewards.length - 1, rest = 0; ply >= 0; ply--) {
    rest += rewards[ply];
    if (trained[ply] === 1 && !known[ply]) rootValues[ply] = rest;
  }
}
