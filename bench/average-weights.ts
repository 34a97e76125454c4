/**
 * The mean of the weights of checkpoints that lie near each other, such as those of one run and of another that went on
 * from it (Izmailov et al. 2018, "Averaging Weights Leads to Wider Optima"): often better than any of them, for nothing.
 *
 *   node dist/bench/average-weights.js OUT CHECKPOINT:2 CHECKPOINT:1     two parts of the one, one of the other
 *
 * Writes a folder to play with, as those in models/: `model.onnx`, and the last checkpoint's `checkpoint.json` with the parts
 * and their hashes. Running statistics are averaged as well; judge the result before you use it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { UserError } from '#engine';
import { createNetwork, exportModel, importWeights, type Weights } from '#engine/nn';
import { loadGame } from '#games';
import { readModel } from '#selfplay';

interface Part { readonly path: string; readonly share: number }

function partOf(text: string): Part {
  const [, path, share] = /^(.+):([\d.]+)$/.exec(text) ?? ['', text, '1'];
  if (!(Number(share) > 0)) throw new UserError('usage', `${text}: the share after the colon must be a number above 0`);
  return { path, share: Number(share) };
}

async function main(): Promise<void> {
  const [out, ...texts] = process.argv.slice(2);
  if (texts.length < 2) throw new UserError('usage', 'give a folder to write, and at least two checkpoints: average-weights.js OUT CHECKPOINT:2 CHECKPOINT:1');
  const parts = texts.map(partOf);
  const models = parts.map(({ path }) => readModel(path));
  const { manifest } = models[models.length - 1];
  const game = await loadGame(manifest.game.id);
  if (manifest.network === undefined) throw new UserError('usage', `${parts[parts.length - 1].path} is a checkpoint of ${manifest.algorithm}; only those of self-play are averaged`);
  const network = createNetwork(manifest.network, { planes: game.planes, actions: game.actionCount, policyPlanes: game.policyPlanes });
  const total = parts.reduce((sum, { share }) => sum + share, 0);
  const sums: Record<string, Float64Array> = {};
  models.forEach(({ model }, i) => {
    for (const [name, array] of Object.entries(importWeights(network, model))) {
      const sum = (sums[name] ??= new Float64Array(array.length));
      for (let k = 0; k < array.length; k++) sum[k] += parts[i].share * array[k];
    }
  });
  const mean: Weights = Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, Float32Array.from(sum, (x) => x / total)]));
  const bytes = exportModel(network, mean);
  const averaged = models.map((model, i) => ({ share: parts[i].share / total, step: model.manifest.step, sha256: model.manifest.files['model.onnx'].sha256 }));
  const files = { 'model.onnx': { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') } };
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'model.onnx'), bytes);
  writeFileSync(join(out, 'checkpoint.json'), `${JSON.stringify({ ...manifest, created: new Date().toISOString(), averaged, files }, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify({ out, averaged, ...files })}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof UserError ? error.message : String((error as Error).stack)}\n`);
  process.exitCode = error instanceof UserError ? 2 : 1;
});
