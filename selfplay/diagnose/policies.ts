/** Whether the network's policy and the search's have collapsed, or never left where they began. */
import type { Answers, Sample } from './evidence.js';
import { fixed, percent, question, whole, type Finding } from './finding.js';

/** Entropies as shares of a uniform policy's, over positions with a choice. */
export interface PolicyFigures {
  readonly positions: number;
  readonly network: number;
  readonly search: number;
  /** Mean KL divergence of the network's policy from the search's, and of a uniform one [nats]. */
  readonly networkKl: number;
  readonly uniformKl: number;
  /** Share of positions in which the network's likeliest move is the most common such move. */
  readonly sameMove: number;
}

export function policyFigures(sample: Sample, { policy }: Answers, actions: number): PolicyFigures {
  const odds = new Float64Array(actions);
  const favourites = new Map<number, number>();
  let [positions, network, search, networkKl, uniformKl] = [0, 0, 0, 0, 0];
  for (let row = 0; row < sample.count; row++) {
    const legal = sample.legal[row];
    if (legal.length < 2) continue;
    const favourite = softmaxOver(policy.subarray(row * actions, (row + 1) * actions), legal, odds);
    favourites.set(favourite, (favourites.get(favourite) ?? 0) + 1);
    positions++;
    const most = Math.log(legal.length);
    let targetEntropy = 0;
    for (let i = 0; i < legal.length; i++) {
      const p = odds[i];
      const target = sample.targets[row * actions + legal[i]];
      if (p > 0) network -= (p * Math.log(p)) / most;
      if (target <= 0) continue;
      targetEntropy -= target * Math.log(target);
      networkKl += target * (Math.log(target) - Math.log(Math.max(p, 1e-12)));
    }
    search += targetEntropy / most;
    uniformKl += most - targetEntropy;
  }
  const n = Math.max(1, positions);
  return { positions, network: network / n, search: search / n, networkKl: networkKl / n, uniformKl: uniformKl / n, sameMove: Math.max(0, ...favourites.values()) / n };
}

/** Writes the probabilities of the legal actions to out, in their order; returns the likeliest action. */
function softmaxOver(logits: Float32Array, legal: Uint16Array, out: Float64Array): number {
  let best = legal[0];
  for (const action of legal) if (logits[action] > logits[best]) best = action;
  let sum = 0;
  for (let i = 0; i < legal.length; i++) sum += out[i] = Math.exp(logits[legal[i]] - logits[best]);
  for (let i = 0; i < legal.length; i++) out[i] /= sum;
  return best;
}

/** Steps after which a policy should have moved. */
const TIME_TO_MOVE = 500;

export function networkPolicy(figures: PolicyFigures, step: number): Finding {
  const { positions, network, networkKl, uniformKl, sameMove } = figures;
  const answer = question('policy-entropy', 'Has the network\'s policy collapsed, or not moved?', 'entropy 3 % to 97 % of uniform, and nearer to the search\'s policy than uniform is');
  const told = `entropy ${percent(network)} of uniform; ${fixed(networkKl)} nats from the search's policy, uniform would be ${fixed(uniformKl)}; the same move likeliest in ${percent(sameMove)} of positions`;
  if (positions < 100) return answer('unknown', network, told, 'Too few positions with a choice.', 'Train a little longer.');
  if (network < 0.15 && networkKl > 0.7 * uniformKl) {
    return answer('problem', network, told, 'The policy has collapsed: the network is certain of moves that the search does not choose.',
      'Lower learner.learningRate, raise learner.policySmoothing (0.02) and actors.openingShare, set learner.clipNorm to 1; then go on --from a checkpoint from before it happened.');
  }
  if (network < 0.03) {
    return answer('warning', network, told, 'The network is certain of one move nearly everywhere: little is left to explore.',
      'Raise learner.policySmoothing and search.temperature; with puct also search.noiseFraction.');
  }
  if (network > 0.97) {
    if (step < TIME_TO_MOVE) return answer('unknown', network, told, `After ${whole(step)} steps the policy need not have moved yet.`, 'Train a little longer.');
    return answer('problem', network, told, 'The policy has not moved from uniform: nothing has been learnt of the search.', 'Raise learner.learningRate; see whether the network can overfit one batch, and whether the search itself decides anything.');
  }
  if (networkKl > uniformKl && step >= TIME_TO_MOVE) {
    return answer('warning', network, told, 'The network\'s policy is further from the search\'s than a uniform one is.', 'Lower learner.learningRate, or raise learner.reuse so that the newest games are learnt.');
  }
  return answer('ok', network, told, 'The network prefers moves, and mostly those that the search chooses.');
}

export function searchPolicy({ positions, search }: PolicyFigures, step: number): Finding {
  const answer = question('target-entropy', 'Has the search\'s policy collapsed, or not moved?', 'entropy 2 % to 97 % of uniform');
  const told = `entropy ${percent(search)} of uniform in ${whole(positions)} positions`;
  if (positions < 100) return answer('unknown', search, told, 'Too few positions with a choice.', 'Train a little longer.');
  if (search < 0.02) return answer('warning', search, told, 'The search is certain of one move nearly everywhere: games no longer try anything else.', 'Raise search.temperature and search.temperaturePlies, and actors.openingShare; with gumbel lower search.valueScale.');
  if (search > 0.97) {
    return answer(step < TIME_TO_MOVE ? 'unknown' : 'problem', search, told, 'The search hardly prefers any move: there is nothing to learn from it.', 'Raise search.simulations; with gumbel also search.valueScale, with puct lower search.noiseFraction.');
  }
  return answer('ok', search, told, 'The search prefers moves without ruling all others out.');
}
