/**
 * A look at what MuZero learned: whole episodes are played by its search, and beside each position the model dreams the
 * same actions from there. What it dreamt of rewards and values is held against what came, and the raw policy against the
 * one after the search.
 */
import { type Action, type Game, OVER, type State, cloneState, createLatentBatch, createRng } from '#engine';
import type { LearnedModel } from './agents/learned-model.js';
import { createPlanner } from './agents/learned-model.js';

export interface InspectOptions {
  readonly episodes: number;
  readonly seed: number;
  /** Of the search that plays. */
  readonly sims: number;
  readonly search: 'gumbel' | 'puct';
  /** Latent steps of a dream. */
  readonly steps: number;
  /** Steps at most of an episode. */
  readonly most: number;
}

/** One action of the first episode's positions, before and after the search. */
export interface InspectedAction {
  readonly action: Action;
  readonly name: string;
  readonly prior: number;
  readonly policy: number;
  readonly visits: number;
  readonly value: number | null;
}

/** One position of the first episode, for the view of the seat to move. */
export interface InspectedPosition {
  readonly ply: number;
  readonly turn: number;
  readonly played: Action;
  /** The reward that came, for the seat that acted. */
  readonly reward: number;
  /** The network's value, the search's, and the discounted return that came. */
  readonly networkValue: number;
  readonly searchValue: number;
  readonly realReturn: number;
  readonly actions: readonly InspectedAction[];
  /** What was dreamt from here: rewards of the actions that were then played, and values after them. */
  readonly dream: readonly { readonly reward: number; readonly value: number }[];
}

/** How far dreams are from what came, k steps in. */
export interface DreamError {
  readonly step: number;
  /** Dreams that lasted so long within their episode. */
  readonly dreams: number;
  readonly meanReward: number;
  readonly meanDreamt: number;
  readonly rewardError: number;
  /** Against the search's value of the position really reached. */
  readonly valueError: number;
  /** Dreams in which a reward came at this step; 0 is none. */
  readonly rewarded: number;
  /** The share of them whose reward is dreamt, as half a point at least of its sign; null without any. */
  readonly found: number | null;
  /** Of the rewards dreamt so, the share that came, of their sign; null without any. */
  readonly right: number | null;
}

/** From here on a dreamt reward counts as one: rewards are learnt as whole numbers. */
const DREAMT = 0.5;

export interface Inspection {
  readonly episodes: number;
  readonly steps: number;
  readonly meanReturn: number;
  readonly dreams: readonly DreamError[];
  /** Of dreams of full length: |sum of dreamt rewards - sum of real ones| over the sum of the sizes of the real ones; null without rewards. */
  readonly rewardSumError: number | null;
  /** Share of positions in which the raw policy's best action is the search's. */
  readonly priorAgrees: number;
  /** Mean KL(search's policy || raw policy), in nats. */
  readonly policyGain: number;
  /** Mean |network's value - search's value|. */
  readonly valueGap: number;
  readonly first: readonly InspectedPosition[];
}

interface Played {
  readonly state: State;
  readonly turn: number;
  readonly action: Action;
  readonly reward: number;
  readonly searchValue: number;
  readonly networkValue: number;
  readonly actions: readonly InspectedAction[];
}

/** Plays and dreams. `progress` is told after each episode. */
export async function inspectModel(game: Game, { model, settings }: LearnedModel, options: InspectOptions, progress?: (episodes: number) => void): Promise<Inspection> {
  const { episodes, seed, sims, search, steps, most } = options;
  const planner = createPlanner(game, model, settings, { sims, search }, 1);
  const dreamt = createLatentBatch(game.actionCount, model.latentSize, 1);
  const sums = Array.from({ length: steps }, () => ({ count: 0, reward: 0, dreamt: 0, error: 0, value: 0, rewarded: 0, named: 0, met: 0 }));
  const whole = { dreamt: 0, real: 0, size: 0, difference: 0, count: 0 };
  let [positions, agree, gain, gap, returns] = [0, 0, 0, 0, 0];
  let first: InspectedPosition[] = [];

  for (let episode = 0; episode < episodes; episode++) {
    const played = await play(game, planner, model, createRng(seed).fork('inspect', episode), most);
    returns += played.reduce((sum, { reward, turn }) => sum + (turn === 1 ? -reward : reward), 0);
    const dreams: { reward: number; value: number }[][] = [];
    for (let t = 0; t < played.length; t++) {
      const { actions, networkValue, searchValue } = played[t];
      positions++;
      const best = (of: (a: InspectedAction) => number) => actions.reduce((a, b) => (of(b) > of(a) ? b : a)).action;
      if (best((a) => a.prior) === best((a) => a.policy)) agree++;
      gain += actions.reduce((sum, { policy, prior }) => sum + (policy > 0 ? policy * Math.log(policy / Math.max(prior, 1e-12)) : 0), 0);
      gap += Math.abs(networkValue - searchValue);
      const dream: { reward: number; value: number }[] = [];
      played[t].state.observe(planner.planes);
      dreamt.size = 1;
      await model.represent(planner.planes, dreamt);
      for (let k = 0; k < steps && t + k < played.length; k++) {
        dreamt.parents.set(dreamt.latents);
        dreamt.actions[0] = played[t + k].action;
        await model.step(dreamt);
        dream.push({ reward: dreamt.rewards[0], value: dreamt.values[0] });
        const sum = sums[k];
        const { reward } = played[t + k];
        sum.count++;
        sum.reward += reward;
        sum.dreamt += dreamt.rewards[0];
        sum.error += Math.abs(dreamt.rewards[0] - reward);
        const named = Math.abs(dreamt.rewards[0]) >= DREAMT;
        if (reward !== 0) sum.rewarded++;
        if (named) sum.named++;
        if (named && Math.sign(reward) === Math.sign(dreamt.rewards[0])) sum.met++;
        const after = played[t + k + 1];
        sum.value += Math.abs(dreamt.values[0] - (after === undefined ? 0 : after.searchValue));
      }
      if (dream.length === steps) {
        const real = played.slice(t, t + steps).reduce((sum, { reward }) => sum + reward, 0);
        const guess = dream.reduce((sum, { reward }) => sum + reward, 0);
        whole.difference += Math.abs(guess - real);
        whole.size += played.slice(t, t + steps).reduce((sum, { reward }) => sum + Math.abs(reward), 0);
        whole.count++;
      }
      dreams.push(dream);
    }
    if (episode === 0) first = tell(played, dreams, settings.discount);
    progress?.(episode + 1);
  }
  return {
    episodes, steps: positions, meanReturn: returns / episodes,
    dreams: sums.flatMap(({ count, reward, dreamt: guess, error, value, rewarded, named, met }, k) => (count === 0 ? [] : [{
      step: k + 1, dreams: count, meanReward: reward / count, meanDreamt: guess / count, rewardError: error / count, valueError: value / count,
      rewarded, found: rewarded === 0 ? null : met / rewarded, right: named === 0 ? null : met / named,
    }])),
    rewardSumError: whole.size > 0 ? whole.difference / whole.size : null,
    priorAgrees: agree / positions, policyGain: gain / positions, valueGap: gap / positions, first,
  };
}

async function play(game: Game, planner: ReturnType<typeof createPlanner>, model: LearnedModel['model'], rng: ReturnType<typeof createRng>, most: number): Promise<Played[]> {
  const state = game.start(rng);
  const moves = new Int32Array(game.actionCount);
  const legal = new Uint8Array(game.actionCount);
  const target = new Float32Array(game.actionCount);
  const played: Played[] = [];
  while (state.turn !== OVER && played.length < most) {
    const turn = state.turn === 1 ? 1 : 0;
    legal.fill(0);
    for (let i = state.legal(moves) - 1; i >= 0; i--) legal[moves[i]] = 1;
    state.observe(planner.planes);
    await planner.search(model, 1, [turn], legal, () => rng);
    const [search] = planner.searches;
    const before = cloneState(game, state, rng);
    const action = search.action(rng);
    const actions = search.report().actions.map(({ action: a, prior, policy, visits, value }) => ({ action: a, name: game.actionName(before, a), prior, policy, visits, value: value ?? null }));
    const searchValue = search.policyTarget(target);
    const toSeat0 = state.apply(action, rng);
    played.push({ state: before, turn, action, reward: turn === 1 ? -toSeat0 : toSeat0, searchValue, networkValue: planner.rootValue(0), actions });
  }
  return played;
}

function tell(played: readonly Played[], dreams: readonly InspectedPosition['dream'][], discount: number): InspectedPosition[] {
  let after = 0;
  const returns = played.toReversed().map(({ reward, turn }) => (after = (turn === 1 ? -reward : reward) + discount * after)).reverse();
  return played.map(({ turn, action, reward, networkValue, searchValue, actions }, ply) => ({
    ply, turn, played: action, reward, networkValue, searchValue, realReturn: turn === 1 ? -returns[ply] : returns[ply], actions, dream: dreams[ply],
  }));
}
