/** A game from elsewhere is replayed before it is believed: one that breaks the rules would end the learner. */
import { CHANCE, OVER, UserError, createRng, type Game } from '#engine';
import { decodeEpisode } from '../codec.js';
import { episodeReturn, startEpisode, trainedCount, type Episode } from '../episode.js';
import type { PlayedEpisode } from '../messages.js';

/** Chance's plies are recorded beside the players'. */
const MOST_TURNS = 3;

const wrong = (episode: { id: string }, why: string): UserError => new UserError('data', `game ${episode.id.slice(0, 80)}: ${why}`);

/** Decodes and checks. Throws UserError('data') saying what does not fit. */
export function checkGame(bytes: Uint8Array, game: Game): PlayedEpisode {
  const episode = decodeEpisode(bytes);
  if (!/^[\w.-]{1,80}$/.test(episode.id)) throw wrong(episode, 'it has no proper id');
  if (episode.gameId !== game.id || episode.gameVersion !== game.version) throw wrong(episode, `it is of ${episode.gameId.slice(0, 80)} version ${episode.gameVersion}, not of ${game.id} version ${game.version}`);
  if (episode.setup !== undefined || !Number.isSafeInteger(episode.checkpoint) || episode.checkpoint < 0) throw wrong(episode, 'its head is not that of a self-play game');
  if (!Number.isInteger(episode.seed) || episode.seed < 0 || episode.seed > 0xffffffff) throw wrong(episode, 'its seed is no 32-bit number');
  if (episode.actions.length > MOST_TURNS * game.maxPlies) throw wrong(episode, `${episode.actions.length} plies, where ${game.maxPlies} are the most`);
  checkPlies(episode, game);
  return {
    id: episode.id, positions: trainedCount(episode), bytes: Uint8Array.from(bytes), actions: episode.actions, seed: episode.seed,
    result: episodeReturn(episode), checkpoint: episode.checkpoint,
  };
}

function checkPlies(episode: Episode, game: Game): void {
  const { actions, rewards, rootValues, trained, policies, end } = episode;
  const { starts, probabilities } = policies;
  const state = startEpisode(game, episode.seed);
  const rng = createRng(0);
  const legal = new Int32Array(game.actionCount);
  if (starts[0] !== 0) throw wrong(episode, 'its policies do not begin at the first ply');
  for (let ply = 0; ply < actions.length; ply++) {
    if (state.turn === OVER) throw wrong(episode, `it goes on after its end, at ply ${ply}`);
    const count = state.legal(legal);
    if (legal.subarray(0, count).indexOf(actions[ply]) < 0) throw wrong(episode, `action ${actions[ply]} is not legal at ply ${ply}`);
    const [from, to] = [starts[ply], starts[ply + 1]];
    if (trained[ply] > 1 || !(Math.abs(rootValues[ply]) <= 1e6)) throw wrong(episode, `ply ${ply} has values out of range`);
    if (trained[ply] === 1) {
      if (state.turn === CHANCE || to - from !== count) throw wrong(episode, `the policy of ply ${ply} has ${to - from} entries for ${count} legal moves`);
      let sum = 0;
      for (let i = 0; i < count; i++) {
        if (policies.actions[from + i] !== legal[i] || !(probabilities[from + i] >= 0)) throw wrong(episode, `the policy of ply ${ply} does not fit its legal moves`);
        sum += probabilities[from + i];
      }
      if (!(Math.abs(sum - 1) < 0.01)) throw wrong(episode, `the policy of ply ${ply} sums to ${sum}`);
    } else if (to !== from) throw wrong(episode, `ply ${ply} has a policy but is not trained on`);
    const reward = state.apply(actions[ply], rng);
    if (Math.fround(reward) !== rewards[ply]) throw wrong(episode, `the reward of ply ${ply} is ${rewards[ply]}, by the rules ${reward}`);
  }
  if (end === 'terminated' && state.turn !== OVER) throw wrong(episode, 'it says that it has ended, and by the rules it has not');
}
