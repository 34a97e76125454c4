/** A learned model by ONNX Runtime: two sessions, one for what is seen and one for its steps. They block their thread. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { UserError, joinWorldModel, type LatentBatch, type OpenedWorldModel } from '#engine';
import { chooseDevice, firstLine, sessionOptions } from './device.js';
import { openModel, type OpenModelOptions } from './inference.js';

export interface OpenWorldModel extends OpenedWorldModel {
  readonly device: string;
}

/**
 * Opens the two models of MuZero: `representation` (planes -> policy, value, latent) and `dynamics` (latent, action -> next/latent,
 * reward, policy, value). Throws UserError('data') for bytes that are no such models.
 */
export async function openWorldModel(representation: Uint8Array, dynamics: Uint8Array, options: OpenModelOptions): Promise<OpenWorldModel> {
  const first = await openModel(representation, options);
  return { ...(await joinWorldModel(first, () => openDynamics(dynamics, options), step)), device: first.device };
}

async function openDynamics(onnx: Uint8Array, { device, threads }: OpenModelOptions): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(onnx, sessionOptions(await chooseDevice(device), threads));
  } catch (error) {
    throw new UserError('data', `not a usable ONNX model of dynamics (${onnx.length} bytes): ${firstLine(error)}`);
  }
}

async function step(session: InferenceSession, batch: LatentBatch, latentSize: number): Promise<void> {
  const { size: n, capacity } = batch;
  const actions = batch.logits.length / capacity;
  // The runtime writes straight into the batch's arrays.
  await session.run(
    { latent: new Tensor('float32', batch.parents.subarray(0, n * latentSize), [n, latentSize]), action: new Tensor('int32', batch.actions.subarray(0, n), [n]) },
    {
      'next/latent': new Tensor('float32', batch.latents.subarray(0, n * latentSize), [n, latentSize]),
      reward: new Tensor('float32', batch.rewards.subarray(0, n), [n]),
      policy: new Tensor('float32', batch.logits.subarray(0, n * actions), [n, actions]),
      value: new Tensor('float32', batch.values.subarray(0, n), [n]),
    },
  );
}
