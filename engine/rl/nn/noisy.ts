/**
 * Noisy dense layers with factorised Gaussian noise (Fortunato et al. 2018, section 3 and equations 10 and 11): weights
 * mu + sigma f(e_in) f(e_out)^T and biases mu + sigma f(e_out), with f(x) = sign(x) sqrt(|x|). The noise comes from
 * outside, already through f, as one vector for the whole network; without it a layer is its mean.
 */
import { normal, type Rng } from '#engine';
import { tf, type Layer, type ParameterSpec } from '#engine/nn';

/** Under this name a network's forward pass finds its noise, one vector for all of its noisy layers. */
export const NOISE = 'noise';

/** Hands out places in the noise vector. */
export class NoisePlan {
  size = 0;

  take(count: number): number {
    const at = this.size;
    this.size += count;
    return at;
  }
}

/** x [N, inputs] -> [N, outputs]. `sigma`: the paper's sigma_0, the noise's deviation at first, times sqrt(inputs). */
export function noisyDense(name: string, inputs: number, outputs: number, plan: NoisePlan, sigma: number, hidden = true): Layer {
  // The paper draws mu uniformly from +-1/sqrt(inputs); this is the normal of the same variance.
  const mean: ParameterSpec = { name: `${name}/kernel`, shape: [inputs, outputs], init: 1 / Math.sqrt(3 * inputs), kind: 'kernel', hidden };
  const shift: ParameterSpec = { name: `${name}/bias`, shape: [outputs], init: 'zeros', kind: 'vector' };
  const spread = { constant: sigma / Math.sqrt(inputs) };
  const kernelSpread: ParameterSpec = { name: `${name}/kernel-sigma`, shape: [inputs, outputs], init: spread, kind: 'vector' };
  const biasSpread: ParameterSpec = { name: `${name}/bias-sigma`, shape: [outputs], init: spread, kind: 'vector' };
  const before = plan.take(inputs);
  const after = plan.take(outputs);
  return {
    parameters: [mean, shift, kernelSpread, biasSpread],
    apply(p, x) {
      const noise = p[NOISE];
      if (noise === undefined) return tf.add(tf.matMul(x, p[mean.name]), p[shift.name]);
      const rows = tf.reshape(tf.slice(noise, before, inputs), [inputs, 1]);
      const columns = tf.slice(noise, after, outputs);
      // One pass over the kernel is cheaper than a second matrix product from some 32 rows on.
      const kernel = tf.add(p[mean.name], tf.mul(p[kernelSpread.name], tf.mul(rows, columns)));
      return tf.add(tf.matMul(x, kernel), tf.add(p[shift.name], tf.mul(p[biasSpread.name], columns)));
    },
  };
}

/** Fresh noise, f applied; both factors of a weight's noise are scaled, so the noise itself by scale squared. */
export function drawNoise(rng: Rng, out: Float32Array, scale = 1): void {
  for (let i = 0; i < out.length; i++) {
    const x = normal(rng);
    out[i] = scale * Math.sign(x) * Math.sqrt(Math.abs(x));
  }
}
