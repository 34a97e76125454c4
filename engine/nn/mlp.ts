/** A plain multi-layer perceptron on the flattened planes: for tiny boards, and the quickest thing to try. */
import { createHeads } from './heads.js';
import { dense, flatten, relu, sequence } from './layers.js';
import type { MlpConfig } from './networks.js';
import type { Network } from './types.js';

export function createMlp(config: MlpConfig, input: Network['input']): Network {
  const [channels, height, width] = input.planes;
  const widths = [channels * height * width, ...config.hidden];
  const trunk = sequence(flatten, ...config.hidden.flatMap((outputs, i) => [dense(`hidden${i}`, widths[i], outputs, { hidden: i > 0 }), relu]));
  const top = widths[widths.length - 1];
  const heads = createHeads({
    policyWidth: top, valueWidth: top, actions: input.actions, cells: height * width, value: config.value, auxiliary: config.auxiliary ?? {},
  });
  return {
    name: `mlp ${config.hidden.join('-') || 'linear'}`,
    input,
    parameters: [...trunk.parameters, ...heads.parameters],
    serves: ['policy', 'value'],
    forward(parameters, planes, context) {
      const features = trunk.apply(parameters, planes, context);
      return heads.apply(parameters, { policy: features, value: features }, context);
    },
  };
}
