/** Targets of a batch: the target network's answers after the windows, by the switches. */
import type { Rng } from '#engine';
import type { Forward } from '#engine/node';
import { greedy, projectCategorical, quantileTargets, valueTargets, type ReplayBatch } from '#engine/rl';
import { NOISE, drawNoise, widthOf, type Distribution } from '#engine/rl/nn';

export class TargetMaker {
  private readonly distribution: Distribution;
  private readonly double: boolean;
  private readonly actions: number;
  private readonly forward: Forward;
  private readonly noise: Float32Array;
  /** [rows, actions] of the network that chooses the action. */
  private readonly values: Float32Array;
  /** [rows, actions, width] of the target network; undefined for plain values, which `values` also says. */
  private readonly answers: Float32Array;
  private readonly chosen: Int32Array;
  private readonly out: Float32Array;

  constructor(distribution: Distribution, double: boolean, actions: number, rows: number, forward: Forward, noise: Float32Array) {
    const width = widthOf(distribution);
    this.distribution = distribution;
    this.double = double;
    this.actions = actions;
    this.forward = forward;
    this.noise = noise;
    this.values = new Float32Array(rows * actions);
    this.answers = new Float32Array(rows * actions * width);
    this.chosen = new Int32Array(rows);
    this.out = new Float32Array(rows * width);
  }

  /**
   * [rows] values, [rows, atoms] odds or [rows, quantiles]; overwritten by the next call. With Double DQN the online network
   * chooses the action, else the target network does. Each network's noise is drawn afresh, its factors scaled.
   */
  async make(batch: ReplayBatch, online: Float32Array, target: Float32Array, rng: Rng, scale = 1): Promise<Float32Array> {
    const { distribution, actions, chosen, answers, values, out } = this;
    const { size, nextPlanes, nextLegal, returns, discounts } = batch;
    const answer: Record<string, Float32Array> = distribution.kind === 'categorical' ? { probabilities: answers } : { distribution: answers };
    if (this.double) await this.run(online, nextPlanes, size, { policy: values }, rng, scale);
    await this.run(target, nextPlanes, size, this.double ? answer : { ...answer, policy: values }, rng, scale);
    greedy(values, nextLegal, size, actions, chosen);
    switch (distribution.kind) {
      case 'value':
        valueTargets(returns, discounts, answers, actions, chosen, out);
        break;
      case 'categorical':
        projectCategorical(returns, discounts, answers, actions, chosen, distribution, out);
        break;
      case 'quantile':
        quantileTargets(returns, discounts, answers, actions, chosen, distribution.quantiles, out);
        break;
      default:
        distribution satisfies never;
    }
    return out;
  }

  private run(weights: Float32Array, planes: Float32Array, rows: number, outputs: Record<string, Float32Array>, rng: Rng, scale: number): Promise<void> {
    drawNoise(rng, this.noise, scale);
    return this.forward.run(weights, planes, rows, outputs, { [NOISE]: this.noise });
  }
}
