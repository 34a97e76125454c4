/**
 * Small networks whose weights are one vector, for methods that need no gradient: tanh layers, then one score an action.
 * Layout: for each layer its matrix [inputs, outputs] row by row, then its bias [outputs].
 */
export interface PolicyShape {
  readonly inputs: number;
  /** Widths of the hidden layers; none makes a linear policy. */
  readonly hidden: readonly number[];
  readonly actions: number;
}

export function layerWidths({ inputs, hidden, actions }: PolicyShape): number[] {
  return [inputs, ...hidden, actions];
}

export function policyParameters(shape: PolicyShape): number {
  const widths = layerWidths(shape);
  return widths.slice(1).reduce((sum, outputs, i) => sum + (widths[i] + 1) * outputs, 0);
}

export class SmallPolicy {
  private readonly widths: readonly number[];
  private readonly layers: readonly Float64Array[];

  constructor(shape: PolicyShape) {
    this.widths = layerWidths(shape);
    this.layers = this.widths.map((width) => new Float64Array(width));
  }

  /** Scores of all actions, valid until the next call: weights at `offset` of `parameters`, input at `at` of `observations`. */
  scores(parameters: Float64Array, offset: number, observations: Float32Array, at: number): Float64Array {
    const { widths, layers } = this;
    const input = layers[0];
    for (let i = 0; i < input.length; i++) input[i] = observations[at + i];
    let next = offset;
    for (let layer = 1; layer < widths.length; layer++) {
      const from = layers[layer - 1];
      const to = layers[layer];
      const outputs = to.length;
      const bias = next + from.length * outputs;
      for (let j = 0; j < outputs; j++) to[j] = parameters[bias + j];
      for (let i = 0; i < from.length; i++) {
        const x = from[i];
        if (x !== 0) for (let j = 0; j < outputs; j++) to[j] += x * parameters[next + i * outputs + j];
      }
      next = bias + outputs;
      if (layer < widths.length - 1) for (let j = 0; j < outputs; j++) to[j] = Math.tanh(to[j]);
    }
    return layers[layers.length - 1];
  }

  /** The legal action with the highest score; the first of equals. legal [actions] from `legalAt`. */
  act(parameters: Float64Array, offset: number, observations: Float32Array, at: number, legal: Uint8Array, legalAt: number): number {
    const scores = this.scores(parameters, offset, observations, at);
    let best = -1;
    for (let action = 0; action < scores.length; action++) if (legal[legalAt + action] === 1 && (best < 0 || scores[action] > scores[best])) best = action;
    return best;
  }
}
