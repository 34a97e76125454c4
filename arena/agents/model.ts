/** From PATH to a network that answers: runs, their checkpoints, and model folders. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Batch, type Evaluator, type Game, UserError } from '#engine';
import type { Inference } from '#engine/nn';
import { openModel } from '#engine/node';
import { type CheckpointManifest, listCheckpoints, readManifest, readModel } from '#selfplay/checkpoint';
import type { ModelReference } from './spec.js';

export interface ModelOptions {
  readonly device: 'cpu' | 'webgpu' | 'cuda' | 'auto';
  /** Threads that one evaluation may use. */
  readonly threads: number;
}

/**
 * The checkpoint folder that a reference means. Throws UserError: 'usage' when nothing is there or the run has no such
 * step (naming those it has), 'data' when it was made for another game or another version of it.
 */
export function resolveModel(reference: ModelReference, game: Pick<Game, 'id' | 'version'>): { path: string; manifest: CheckpointManifest } {
  const { path, step } = reference;
  const shown = reference.alias ?? path;
  if (!existsSync(path) || !statSync(path).isDirectory()) {
    throw new UserError('usage', `no model at '${shown}': give a run, a checkpoint or a model folder (ludus train writes runs to runs/<game>)`);
  }
  let folder = path;
  if (!existsSync(join(path, 'checkpoint.json'))) {
    const list = listCheckpoints(path);
    if (list.length === 0) throw new UserError('usage', `'${shown}' holds no checkpoint yet: it is neither a checkpoint nor a run that has saved one`);
    const entry = step === undefined ? list[list.length - 1] : list.find((c) => c.step === step);
    if (entry === undefined) {
      const near = list.reduce((best, c) => (Math.abs(c.step - step!) < Math.abs(best.step - step!) ? c : best));
      throw new UserError('usage', `run '${shown}' has no checkpoint at step ${step}; the nearest is ${near.step}, the latest ${list[list.length - 1].step}`);
    }
    folder = entry.path;
  }
  const manifest = readManifest(folder);
  if (manifest.game.id !== game.id) throw new UserError('data', `'${shown}' plays ${manifest.game.id}, not ${game.id}`);
  if (manifest.game.version !== game.version) {
    throw new UserError('data', `'${shown}' was trained on version ${manifest.game.version} of ${game.id}; this is version ${game.version}`);
  }
  if (step !== undefined && manifest.step !== step) throw new UserError('usage', `'${shown}' is the checkpoint of step ${manifest.step}, not ${step}`);
  return { path: folder, manifest };
}

/** A network's answers for a batch of leaves. */
export class ModelEvaluator implements Evaluator {
  readonly manifest: CheckpointManifest;
  private readonly inference: Inference;

  private constructor(manifest: CheckpointManifest, inference: Inference) {
    this.manifest = manifest;
    this.inference = inference;
  }

  static async open(reference: ModelReference, game: Game, options: ModelOptions): Promise<ModelEvaluator> {
    const { path } = resolveModel(reference, game);
    const { manifest, model } = readModel(path);
    return new ModelEvaluator(manifest, await openModel(model, options));
  }

  async evaluate(batch: Batch): Promise<void> {
    await this.inference.run(batch.planes, batch.size, { policy: batch.logits, value: batch.values });
  }

  close(): Promise<void> {
    return this.inference.close();
  }
}
