/** A learned model (MuZero) in WebAssembly: what is seen becomes a latent, and steps of that need no second look. */
import { type InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { UserError, type LatentBatch, type WorldModel } from '#engine';
import { openSession, openWebModel, type OpenWebModelOptions } from './inference.js';

export interface WebWorldModel extends WorldModel {
  close(): Promise<void>;
}

/**
 * Opens the two models of MuZero: `representation` (planes -> policy, value, latent) and `dynamics` (latent, action ->
 * next/latent, reward, policy, value). Throws UserError('data') for bytes that are no such models, and as `openWebModel`.
 */
export async function openWebWorldModel(representation: Uint8Array, dynamics: Uint8Array, options: OpenWebModelOptions): Promise<WebWorldModel> {
  const first = await openWebModel(representation, options);
  try {
    const session = await openDynamics(dynamics, options);
    const latentSize = latentSizeOf(session);
    return {
      latentSize,
      async represent(planes, batch) {
        await first.run(planes, batch.size, { policy: batch.logits, value: batch.values, latent: batch.latents });
        batch.rewards.fill(0, 0, batch.size);
      },
      step: (batch) => step(session, batch, latentSize),
      async close() {
        await first.close();
        await session.release();
      },
    };
  } catch (error) {
    await first.close();
    throw error;
  }
}

async function openDynamics(onnx: Uint8Array, { wasm }: OpenWebModelOptions): Promise<InferenceSession> {
  const session = await openSession(onnx, wasm);
  const inputs = [...session.inputNames].sort().join(', ');
  if (inputs === 'action, latent') return session;
  await session.release();
  throw new UserError('data', `the model takes ${inputs}; a model of dynamics takes 'latent' and 'action'`);
}

function latentSizeOf(session: InferenceSession): number {
  const latent = session.inputMetadata.find((input) => input.name === 'latent');
  return latent?.isTensor === true ? Number(latent.shape[1]) : 0;
}

async function step(session: InferenceSession, batch: LatentBatch, latentSize: number): Promise<void> {
  const { size: n } = batch;
  if (n === 0) return;
  const answers = await session.run({
    latent: new Tensor('float32', batch.parents.subarray(0, n * latentSize), [n, latentSize]), action: new Tensor('int32', batch.actions.subarray(0, n), [n]),
  });
  const into = { 'next/latent': batch.latents, reward: batch.rewards, policy: batch.logits, value: batch.values };
  for (const [name, array] of Object.entries(into)) array.set(answers[name].data as Float32Array);
}
