/** Means of losses and figures since they were last taken. */
import type { LearnerMetrics } from './types.js';

export class MeanMetrics {
  private sums: Record<string, number> = {};
  private count = 0;
  private values: Record<string, number> = {};

  /** One update's losses by term. */
  losses(losses: Readonly<Record<string, number>>): void {
    for (const [name, loss] of Object.entries(losses)) this.sums[name] = (this.sums[name] ?? 0) + loss;
    this.count++;
  }

  /** A figure of which only the latest counts. */
  value(name: string, value: number): void {
    this.values[name] = value;
  }

  take(): LearnerMetrics {
    const { sums, count, values } = this;
    this.sums = {};
    this.count = 0;
    this.values = {};
    return { losses: Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / count])), values };
  }
}
