/** A learned model (MuZero) in WebAssembly: what is seen becomes a latent, and steps of that need no second look. */
import { type InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { joinWorldModel, type LatentBatch, type OpenedWorldModel } from '#engine';
import { openSession, openWebModel, type OpenWebModelOptions } from './inference.js';

/**
 * Opens the two models of MuZero: `representation` (planes -> policy, value, latent) and `dynamics` (latent, action ->
 * next/latent, reward, policy, value). Throws UserError('data') for bytes that are no such models, and as `openWebModel`.
 */
export async function openWebWorldModel(representation: Uint8Array, dynamics: Uint8Array, options: OpenWebModelOptions): Promise<OpenedWorldModel> {
  return joinWorldModel(await openWebModel(representation, options), () => openSession(dynamics, options.wasm), step);
}

async function step(session: InferenceSession, batch: LatentBatch, latentSize: number): Promise<void> {
  const { size: n } = batch;
  const answers = await session.run({
    latent: new Tensor('float32', batch.parents.subarray(0, n * latentSize), [n, latentSize]), action: new Tensor('int32', batch.actions.subarray(0, n), [n]),
  });
  const into = { 'next/latent': batch.latents, reward: batch.rewards, policy: batch.logits, value: batch.values };
  for (const [name, array] of Object.entries(into)) array.set(answers[name].data as Float32Array);
}
