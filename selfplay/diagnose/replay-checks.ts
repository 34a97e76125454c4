/** Whether the games that are learnt from are fresh enough, and different enough. */
import type { Episode } from '../episode.js';
import type { Evidence } from './evidence.js';
import { graded, percent, question, whole, type Finding } from './finding.js';

/** Steps from which on age means something. */
const SETTLED_STEPS = 500;
/** Newest positions by which it is seen whether actors get new weights. */
const NEWEST = 0.05;

export function replayAge({ window, checkpoint, config, totals }: Evidence): Finding {
  const answer = question('replay-age', 'Is the replay stale?', 'positions in the window on average younger than 60 % of the run\'s steps (problem: 80 %); newest games by weights of the last tenth of the run');
  const { step } = checkpoint.manifest;
  const positions = window.reduce((sum, game) => sum + game.positions, 0);
  const age = window.reduce((sum, game) => sum + Math.max(0, step - game.step) * game.positions, 0) / Math.max(1, positions);
  let newest = 0;
  let held = 0;
  for (let i = window.length - 1; i >= 0 && held <= NEWEST * positions; i--) {
    newest += Math.max(0, step - window[i].step) * window[i].positions;
    held += window[i].positions;
  }
  newest /= Math.max(1, held);
  const publications = (steps: number) => whole(steps / config.learner.publishEvery);
  const share = age / Math.max(1, step);
  const told = `positions are ${whole(age)} steps old on average, ${percent(share)} of the run (${publications(age)} publications of weights); the newest ${whole(newest)} steps (${publications(newest)}); the window holds ${whole(positions)} of ${whole(totals.positions)} positions`;
  if (window.length === 0) return answer('unknown', null, 'no games of its own', 'The run learns from records alone.');
  if (step < SETTLED_STEPS) return answer('unknown', share, told, `After ${whole(step)} steps nothing can be old yet.`, 'Train a little longer.');
  if (newest > Math.max(10 * config.learner.publishEvery, 0.1 * step)) {
    return answer('problem', share, told, 'Even the newest games were played with old weights: actors do not get, or do not use, what is learnt.', 'Lower learner.publishEvery and learner.reuse; if the run learns from records or waits for workers elsewhere (`ludus cluster status`), let it play again.');
  }
  const level = graded(share, 0.6, 0.8);
  return answer(level, share, told, level === 'ok' ? 'The network learns from games of recent weights.' : 'Much of what is learnt was played by weights that are long gone.', 'Lower replay.window or replay.beta, so that the window holds fewer old games.');
}

export function replayReuse({ checkpoint, config, info, totals }: Evidence): Finding {
  const answer = question('replay-reuse', 'How often is each position learnt from?', 'at most 8 times; above 16 is a problem; at least half of learner.reuse');
  const reuse = checkpoint.manifest.rows / Math.max(1, checkpoint.manifest.positions);
  const wanted = config.learner.reuse;
  const told = `${reuse.toFixed(1)} rows for each position (learner.reuse is ${wanted})`;
  if (totals.positions === 0 || checkpoint.manifest.positions < config.learner.minimum || info.from !== undefined) return answer('unknown', reuse, told, 'The run has too few positions of its own.');
  if (Math.max(reuse, wanted) > 8) {
    return answer(graded(Math.max(reuse, wanted), 8, 16), reuse, told, 'Each position is learnt from so often that the network learns single games by heart.', 'Lower learner.reuse to 4, and let the actors play more.');
  }
  if (reuse < wanted / 2 && checkpoint.manifest.step >= SETTLED_STEPS) return answer('warning', reuse, told, 'The learner does not come to learn what is played.', 'Use a smaller network, a lower learner.lead, or more learner.threads.');
  return answer('ok', reuse, told, 'Positions are learnt from a few times each.');
}

export interface Variety {
  readonly games: number;
  /** Share of games whose moves no earlier one has. */
  readonly distinct: number;
  /** Share of the most common first move among games from the usual start. */
  readonly firstMove: number;
  /** Plies: 10th percentile, median, 90th. */
  readonly lengths: readonly [number, number, number];
  /** Shares won by seat 0, drawn, won by seat 1. */
  readonly results: readonly [number, number, number];
}

/** Games that are compared: those of a few minutes, so that a long run's openings may repeat over hours. */
const COMPARED = 2000;

export function varietyOf(all: readonly Episode[]): Variety {
  const games = all.slice(-COMPARED);
  const texts = new Set(games.map(({ actions, setup, seed }) => `${setup ?? ''} ${actions.length === 0 ? seed : ''} ${actions.join(' ')}`));
  const first = new Map<number, number>();
  const results: [number, number, number] = [0, 0, 0];
  for (const { actions, setup, rewards } of games) {
    if (setup === undefined && actions.length > 0) first.set(actions[0], (first.get(actions[0]) ?? 0) + 1);
    const result = rewards.reduce((sum, reward) => sum + reward, 0);
    results[result > 0 ? 0 : result === 0 ? 1 : 2] += 1 / games.length;
  }
  const lengths = games.map(({ actions }) => actions.length).sort((a, b) => a - b);
  const at = (share: number) => lengths[Math.min(lengths.length - 1, Math.floor(share * lengths.length))] ?? 0;
  const begun = [...first.values()].reduce((sum, n) => sum + n, 0);
  return { games: games.length, distinct: texts.size / Math.max(1, games.length), firstMove: Math.max(0, ...first.values()) / Math.max(1, begun), lengths: [at(0.1), at(0.5), at(0.9)], results };
}

export function gamesVary({ games, game }: Evidence): Finding {
  const answer = question('variety', 'Are games varied?', 'at least half of the newest 2,000 games distinct (problem: a fifth), the most common first move in less than 90 % of them');
  const { games: count, distinct, firstMove, lengths, results } = varietyOf(games);
  const told = `${percent(distinct)} of ${whole(count)} games distinct; most common first move ${percent(firstMove)}; length ${lengths.join(' / ')} plies (10 %, median, 90 %); won, drawn, lost by the first seat ${results.map(percent).join(' / ')}`;
  if (count < 30) return answer('unknown', distinct, told, 'Too few games to tell.', 'Train a little longer.');
  const more = 'Raise actors.openingShare and actors.openingPlies, search.temperature and search.temperaturePlies.';
  const level = distinct >= 0.5 ? 'ok' : distinct >= 0.2 ? 'warning' : 'problem';
  if (level !== 'ok') {
    // A tiny game has only so many good games.
    return answer(game.maxPlies <= 10 ? 'warning' : level, distinct, told, 'The same games are played again and again.', more);
  }
  if (firstMove > 0.9) return answer('warning', distinct, told, 'Nearly all games begin with the same move.', more);
  return answer('ok', distinct, told, 'Games differ from each other.');
}
