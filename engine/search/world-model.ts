/** The two halves of a learned model made one, whichever runtime computes them. */
import { UserError } from '../errors.js';
import type { LatentBatch, WorldModel } from '../types.js';

/** The representation: planes -> `policy`, `value` and `latent` for `count` rows, into the arrays given. */
interface Representation {
  run(planes: Float32Array, count: number, outputs: Record<string, Float32Array>): Promise<void>;
  close(): Promise<void>;
}

/** The dynamics, as a session of ONNX Runtime; of a tensor among its inputs the metadata hold a shape. */
interface Dynamics {
  readonly inputNames: readonly string[];
  readonly inputMetadata: readonly { readonly name: string; readonly shape?: readonly unknown[] }[];
  release(): Promise<void>;
}

/** A learned model that holds a runtime's memory until it is closed. */
export interface OpenedWorldModel extends WorldModel {
  close(): Promise<void>;
}

/**
 * `open` opens the dynamics (latent, action -> next/latent, reward, policy, value), `step` runs them for a batch of at least one
 * row. Throws UserError('data') when they take anything else, and then leaves nothing open, `first` included.
 */
export async function joinWorldModel<D extends Dynamics>(
  first: Representation, open: () => Promise<D>, step: (dynamics: D, batch: LatentBatch, latentSize: number) => Promise<void>,
): Promise<OpenedWorldModel> {
  let dynamics: D | undefined;
  try {
    dynamics = await open();
    const opened = dynamics;
    const inputs = [...opened.inputNames].sort().join(', ');
    if (inputs !== 'action, latent') throw new UserError('data', `the model takes ${inputs}; a model of dynamics takes 'latent' and 'action'`);
    const latentSize = Number(opened.inputMetadata.find((input) => input.name === 'latent')?.shape?.[1]);
    return {
      latentSize,
      async represent(planes, batch) {
        await first.run(planes, batch.size, { policy: batch.logits, value: batch.values, latent: batch.latents });
        batch.rewards.fill(0, 0, batch.size);
      },
      async step(batch) {
        if (batch.size > 0) await step(opened, batch, latentSize);
      },
      async close() {
        await first.close();
        await opened.release();
      },
    };
  } catch (error) {
    await first.close();
    await dynamics?.release();
    throw error;
  }
}
