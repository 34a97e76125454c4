/**
 * Ratings of a whole tournament by maximum likelihood, with the full covariance.
 *
 * Strengths are natural logarithms of gamma; Elo = 400/ln 10 times that. For a game of i (first) against j,
 * delta = r_i − r_j + h, with h the advantage of moving first:
 *   bt         win = s(delta); a draw is half a win (Bradley and Terry 1952)
 *   davidson   win : draw : loss = e^(delta/2) : nu : e^(−delta/2) (Davidson 1970)
 *   raokupper  win = s(delta − ln theta), loss = s(−delta − ln theta), theta >= 1 (Rao and Kupper 1967; BayesElo's model)
 * Fisher scoring finds the maximum. Errors come from the inverse Fisher information, or, with games clustered by pair,
 * from the sandwich estimator over clusters, since the two games of one opening are not independent.
 */
import { connectedGroups } from './groups.js';
import { invert, normalCdf } from './numeric.js';

export const ratingModels = ['bt', 'davidson', 'raokupper'] as const;
export type RatingModel = (typeof ratingModels)[number];

export interface RatedGame {
  /** Who moved first. */
  readonly first: string;
  readonly second: string;
  /** Of `first`: 1, ½ or 0. */
  readonly score: number;
  /** Games with the same text here form one unit of the errors: a pair. */
  readonly cluster?: string;
}

export interface RatingOptions {
  readonly model: RatingModel;
  /** Estimate the advantage of moving first; default true. Left out by itself where the games do not determine it. */
  readonly advantage?: boolean;
  /** Players whose Elo is known and held fixed. Without one, the mean of each group is 0. */
  readonly anchors?: Readonly<Record<string, number>>;
  /** Draws added to every couple that met, half of them each way round, so that unbeaten players get a rating; default 0. */
  readonly virtualDraws?: number;
}

export interface PlayerRating {
  readonly name: string;
  /** null for a player who is alone in its group: never met anyone, or beat or lost to everyone. */
  readonly elo: number | null;
  /** Standard error. */
  readonly se: number | null;
  readonly games: number;
  /** Points won. */
  readonly points: number;
  /** Ratings compare within a group only. */
  readonly group: number;
}

export interface Ratings {
  readonly model: RatingModel;
  /** In the order of first appearance. */
  readonly players: readonly PlayerRating[];
  /** [i][j]: likelihood that i is stronger than j; null across groups and on the diagonal. */
  readonly los: readonly (readonly (number | null)[])[];
  /** Per group: the advantage of moving first in Elo, and nu or theta; null where not estimated. */
  readonly groups: readonly { readonly advantage: number | null; readonly drawParameter: number | null }[];
}

const K = 400 / Math.LN10;

interface Meeting { first: number; second: number; wins: number; draws: number; losses: number }

/** Outcome probabilities [win, draw, loss] and their derivatives by delta and by the draw parameter's logarithm. */
interface Odds { readonly p: Float64Array; readonly byDelta: Float64Array; readonly byDraw: Float64Array }

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** `draw`: ln nu, or ln ln theta; −Infinity where nobody drew. */
function odds(model: RatingModel, delta: number, draw: number, out: Odds): void {
  const { p, byDelta, byDraw } = out;
  if (model === 'davidson') {
    // Divided by the larger of the three, so that no exponential overflows.
    const top = Math.max(Math.abs(delta) / 2, draw);
    const w = Math.exp(delta / 2 - top);
    const l = Math.exp(-delta / 2 - top);
    const d = Math.exp(draw - top);
    const z = w + d + l;
    p[0] = w / z;
    p[1] = d / z;
    p[2] = l / z;
    const mean = (p[0] - p[2]) / 2;
    byDelta[0] = p[0] * (0.5 - mean);
    byDelta[1] = -p[1] * mean;
    byDelta[2] = -p[2] * (0.5 + mean);
    byDraw[0] = -p[0] * p[1];
    byDraw[1] = p[1] * (1 - p[1]);
    byDraw[2] = -p[2] * p[1];
    return;
  }
  const tau = model === 'raokupper' ? Math.exp(draw) : 0;
  p[0] = logistic(delta - tau);
  p[2] = logistic(-delta - tau);
  byDelta[0] = p[0] * (1 - p[0]);
  byDelta[2] = -p[2] * (1 - p[2]);
  byDelta[1] = -byDelta[0] - byDelta[2];
  // 1 − win − loss without cancellation: win · loss · (theta² − 1).
  p[1] = p[0] * p[2] * Math.expm1(2 * tau);
  byDraw[0] = -byDelta[0] * tau;
  byDraw[2] = byDelta[2] * tau;
  byDraw[1] = -byDraw[0] - byDraw[2];
}

/** One group's fit. Parameters: the free ratings, then h, then the draw parameter. */
class Fit {
  readonly model: RatingModel;
  readonly meetings: readonly Meeting[];
  /** [players]: index of the player's parameter, −1 when held fixed. */
  readonly slot: Int32Array;
  readonly ratings: Float64Array;
  readonly parameters: number;
  readonly advantageAt: number;
  readonly drawAt: number;
  advantage = 0;
  draw: number;
  private readonly odds: Odds = { p: new Float64Array(3), byDelta: new Float64Array(3), byDraw: new Float64Array(3) };
  private readonly counts = new Float64Array(3);

  constructor(model: RatingModel, meetings: readonly Meeting[], ratings: Float64Array, fixed: readonly boolean[], advantage: boolean) {
    this.model = model;
    this.meetings = meetings;
    this.ratings = ratings;
    this.slot = new Int32Array(fixed.length);
    let next = 0;
    for (let i = 0; i < fixed.length; i++) this.slot[i] = fixed[i] ? -1 : next++;
    this.advantageAt = advantage ? next++ : -1;
    const draws = model !== 'bt' && meetings.some((m) => m.draws > 0);
    this.drawAt = draws ? next++ : -1;
    this.draw = draws ? -0.5 : -Infinity;
    this.parameters = next;
  }

  private look(m: Meeting): void {
    odds(this.model, this.ratings[m.first] - this.ratings[m.second] + this.advantage, this.draw, this.odds);
    const half = this.model === 'bt' ? m.draws / 2 : 0;
    this.counts[0] = m.wins + half;
    this.counts[1] = this.model === 'bt' ? 0 : m.draws;
    this.counts[2] = m.losses + half;
  }

  private logLikelihood(): number {
    let sum = 0;
    for (const m of this.meetings) {
      this.look(m);
      for (let k = 0; k < 3; k++) if (this.counts[k] > 0) sum += this.counts[k] * Math.log(this.odds.p[k]);
    }
    return sum;
  }

  /** Adds a meeting's gradient to `gradient` [parameters] and its Fisher information to `information` where given. */
  private add(m: Meeting, gradient: Float64Array, information?: Float64Array): void {
    this.look(m);
    const { p, byDelta, byDraw } = this.odds;
    const n = this.counts[0] + this.counts[1] + this.counts[2];
    let slope = 0;
    let drawSlope = 0;
    let dd = 0;
    let dt = 0;
    let tt = 0;
    for (let k = 0; k < 3; k++) {
      if (!(p[k] > 1e-300)) continue;
      slope += (this.counts[k] * byDelta[k]) / p[k];
      drawSlope += (this.counts[k] * byDraw[k]) / p[k];
      dd += (n * byDelta[k] * byDelta[k]) / p[k];
      dt += (n * byDelta[k] * byDraw[k]) / p[k];
      tt += (n * byDraw[k] * byDraw[k]) / p[k];
    }
    const at = [this.slot[m.first], this.slot[m.second], this.advantageAt];
    const sign = [1, -1, 1];
    for (let i = 0; i < 3; i++) {
      if (at[i] < 0) continue;
      gradient[at[i]] += sign[i] * slope;
      if (information === undefined) continue;
      for (let j = 0; j < 3; j++) if (at[j] >= 0) information[at[i] * this.parameters + at[j]] += sign[i] * sign[j] * dd;
      if (this.drawAt >= 0) {
        information[at[i] * this.parameters + this.drawAt] += sign[i] * dt;
        information[this.drawAt * this.parameters + at[i]] += sign[i] * dt;
      }
    }
    if (this.drawAt >= 0) {
      gradient[this.drawAt] += drawSlope;
      if (information !== undefined) information[this.drawAt * this.parameters + this.drawAt] += tt;
    }
  }

  private move(step: Float64Array, factor: number): void {
    for (let i = 0; i < this.slot.length; i++) if (this.slot[i] >= 0) this.ratings[i] += factor * step[this.slot[i]];
    if (this.advantageAt >= 0) this.advantage += factor * step[this.advantageAt];
    if (this.drawAt >= 0) this.draw += factor * step[this.drawAt];
  }

  /** Climbs to the maximum; returns the inverse Fisher information there, or undefined when there is no finite maximum. */
  solve(): Float64Array | undefined {
    const n = this.parameters;
    for (let iteration = 0; iteration < 200; iteration++) {
      const gradient = new Float64Array(n);
      const information = new Float64Array(n * n);
      for (const m of this.meetings) this.add(m, gradient, information);
      const covariance = invert(information, n);
      if (covariance === undefined || Math.abs(this.advantage) > 15 || this.ratings.some((r) => Math.abs(r) > 60)) return undefined;
      const step = new Float64Array(n);
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) step[i] += covariance[i * n + j] * gradient[j];
      const size = step.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      if (size < 1e-11) return covariance;
      const before = this.logLikelihood();
      let factor = Math.min(1, 3 / size);
      this.move(step, factor);
      while (!(this.logLikelihood() >= before - 1e-9 * Math.abs(before)) && factor > 1e-6) {
        this.move(step, -factor / 2);
        factor /= 2;
      }
    }
    return undefined;
  }

  /** The sandwich: inverse information · sum over clusters of gradient·gradientᵀ · inverse information. */
  clustered(bread: Float64Array, clusters: readonly (readonly Meeting[])[]): Float64Array {
    const n = this.parameters;
    const out = new Float64Array(n * n);
    const gradient = new Float64Array(n);
    const scaled = new Float64Array(n);
    for (const games of clusters) {
      gradient.fill(0);
      for (const game of games) this.add(game, gradient);
      scaled.fill(0);
      for (let j = 0; j < n; j++) if (gradient[j] !== 0) for (let i = 0; i < n; i++) scaled[i] += bread[i * n + j] * gradient[j];
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[i * n + j] += scaled[i] * scaled[j];
    }
    return out;
  }
}

const meetingOf = (first: number, second: number, score: number, weight = 1): Meeting => ({
  first, second, wins: score === 1 ? weight : 0, draws: score === 0.5 ? weight : 0, losses: score === 0 ? weight : 0,
});

/** Rates every player. Throws RangeError for a score that is not 0, ½ or 1, or a player against itself. */
export function rateTournament(games: readonly RatedGame[], options: RatingOptions): Ratings {
  const names: string[] = [];
  const indexOf = new Map<string, number>();
  const index = (name: string): number => {
    let i = indexOf.get(name);
    if (i === undefined) indexOf.set(name, (i = names.push(name) - 1));
    return i;
  };
  const meetings = new Map<string, Meeting>();
  const clusters = new Map<string, Meeting[]>();
  const played: number[] = [];
  const points: number[] = [];
  const meet = (first: number, second: number): Meeting => {
    const key = `${first} ${second}`;
    let m = meetings.get(key);
    if (m === undefined) meetings.set(key, (m = { first, second, wins: 0, draws: 0, losses: 0 }));
    return m;
  };
  for (const game of games) {
    if (game.score !== 0 && game.score !== 0.5 && game.score !== 1) throw new RangeError(`a game's score is 0, 0.5 or 1, not ${game.score}`);
    if (game.first === game.second) throw new RangeError(`'${game.first}' cannot be rated against itself`);
    const first = index(game.first);
    const second = index(game.second);
    const m = meet(first, second);
    if (game.score === 1) m.wins++;
    else if (game.score === 0) m.losses++;
    else m.draws++;
    played[first] = (played[first] ?? 0) + 1;
    played[second] = (played[second] ?? 0) + 1;
    points[first] = (points[first] ?? 0) + game.score;
    points[second] = (points[second] ?? 0) + 1 - game.score;
    if (game.cluster !== undefined) {
      const cluster = clusters.get(game.cluster) ?? [];
      cluster.push(meetingOf(first, second, game.score));
      clusters.set(game.cluster, cluster);
    }
  }
  const virtual = options.virtualDraws ?? 0;
  if (virtual > 0) {
    const met = [...meetings.values()];
    for (const m of met) {
      // A couple met in one order or in both: each adds its share once.
      const share = meetings.has(`${m.second} ${m.first}`) ? virtual / 4 : virtual / 2;
      m.draws += share;
      meet(m.second, m.first).draws += share;
    }
  }

  const anchors = new Map(Object.entries(options.anchors ?? {}));
  const anchored = names.map((name) => anchors.has(name));
  const edges = [...meetings.values()].flatMap((m) => [
    ...(m.wins + m.draws > 0 ? [[m.first, m.second] as const] : []),
    ...(m.losses + m.draws > 0 ? [[m.second, m.first] as const] : []),
  ]);
  // Anchors' ratings are known, as if they had met.
  const held = names.map((_, i) => i).filter((i) => anchored[i]);
  for (const i of held.slice(1)) edges.push([held[0], i], [i, held[0]]);
  const group = connectedGroups(names.length, edges);
  const groupCount = group.reduce((most, g) => Math.max(most, g + 1), 0);

  const elo: (number | null)[] = names.map((name) => anchors.get(name) ?? null);
  const se: (number | null)[] = anchored.map((fixed) => (fixed ? 0 : null));
  const los = names.map(() => names.map((): number | null => null));
  const groups: { advantage: number | null; drawParameter: number | null }[] = [];
  const useClusters = clusters.size > 0 && games.every((game) => game.cluster !== undefined);

  for (let g = 0; g < groupCount; g++) {
    groups.push({ advantage: null, drawParameter: null });
    const members = names.map((_, i) => i).filter((i) => group[i] === g);
    if (members.length < 2) continue;
    const local = new Map(members.map((player, i) => [player, i]));
    const localise = (m: Meeting): Meeting => ({ ...m, first: local.get(m.first)!, second: local.get(m.second)! });
    const inside = (m: Meeting): boolean => group[m.first] === g && group[m.second] === g;
    const own = [...meetings.values()].filter(inside).map(localise);
    const hasAnchor = members.some((i) => anchored[i]);
    const fixed = members.map((i, at) => (hasAnchor ? anchored[i] : at === members.length - 1));
    const start = (): Float64Array => Float64Array.from(members, (i) => (anchors.get(names[i]) ?? 0) / K);
    const decisive = own.some((m) => m.wins + m.losses > 0);
    const attempt = (advantage: boolean): { fit: Fit; covariance: Float64Array } | undefined => {
      // With draws alone nu and theta are infinite; every rating is equal all the same, as Bradley and Terry say.
      const fit = new Fit(decisive ? options.model : 'bt', own, start(), fixed, advantage);
      const covariance = fit.solve();
      return covariance && { fit, covariance };
    };
    const found = (options.advantage ?? true ? attempt(true) : undefined) ?? attempt(false);
    if (found === undefined) continue;
    const { fit } = found;
    const covariance = useClusters
      ? fit.clustered(found.covariance, [...clusters.values()].map((games) => games.filter(inside).map(localise)))
      : found.covariance;

    // Covariance of all members; those held fixed have none. Without an anchor, recentred to a mean of 0.
    const n = members.length;
    const full = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        if (fit.slot[i] >= 0 && fit.slot[j] >= 0) full[i * n + j] = covariance[fit.slot[i] * fit.parameters + fit.slot[j]];
      }
    }
    if (!hasAnchor) {
      const mean = fit.ratings.reduce((sum, r) => sum + r, 0) / n;
      for (let i = 0; i < n; i++) fit.ratings[i] -= mean;
      const rows = members.map((_, i) => members.reduce((sum, __, j) => sum + full[i * n + j], 0) / n);
      const all = rows.reduce((sum, x) => sum + x, 0) / n;
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) full[i * n + j] += all - rows[i] - rows[j];
    }
    for (let i = 0; i < n; i++) {
      elo[members[i]] = K * fit.ratings[i];
      se[members[i]] = K * Math.sqrt(Math.max(0, full[i * n + i]));
      for (let j = 0; j < n; j++) {
        const variance = full[i * n + i] + full[j * n + j] - 2 * full[i * n + j];
        if (i !== j && variance > 0) los[members[i]][members[j]] = normalCdf((fit.ratings[i] - fit.ratings[j]) / Math.sqrt(variance));
      }
    }
    groups[g] = {
      advantage: fit.advantageAt >= 0 ? K * fit.advantage : null,
      drawParameter: fit.drawAt < 0 ? null : options.model === 'davidson' ? Math.exp(fit.draw) : Math.exp(Math.exp(fit.draw)),
    };
  }
  return {
    model: options.model,
    players: names.map((name, i) => ({ name, elo: elo[i], se: se[i], games: played[i], points: points[i], group: group[i] })),
    los,
    groups,
  };
}
