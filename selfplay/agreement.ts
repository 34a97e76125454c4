/** How well predicted values agree with what came of them. */

/** Fewer pairs than this say nothing. */
const FEW = 30;

export class Agreement {
  private count = 0;
  private values = 0;
  private results = 0;
  private valueSquares = 0;
  private resultSquares = 0;
  private products = 0;

  add(value: number, result: number): void {
    this.count++;
    this.values += value;
    this.results += result;
    this.valueSquares += value * value;
    this.resultSquares += result * result;
    this.products += value * result;
  }

  /** Pearson's, in [-1, 1]; undefined when there are few pairs, or all values or all results are the same. */
  get correlation(): number | undefined {
    const { covariance, valueVariance, resultVariance } = this;
    return this.count < FEW || valueVariance < 1e-9 || resultVariance < 1e-9 ? undefined : covariance / Math.sqrt(valueVariance * resultVariance);
  }

  /** Of the line through the results over the values: 1 where values are honest, below 1 where they promise too much. */
  get slope(): number | undefined {
    return this.count < FEW || this.valueVariance < 1e-9 ? undefined : this.covariance / this.valueVariance;
  }

  private get covariance(): number {
    return this.products / this.count - (this.values / this.count) * (this.results / this.count);
  }

  private get valueVariance(): number {
    return this.valueSquares / this.count - (this.values / this.count) ** 2;
  }

  private get resultVariance(): number {
    return this.resultSquares / this.count - (this.results / this.count) ** 2;
  }
}
