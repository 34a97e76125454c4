import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { UserError } from '#engine';
import { cleanCheckpoints, latestCheckpoint, listCheckpoints, pruneCheckpoints, readCheckpoint, readManifest, readModel, writeCheckpoint, type CheckpointData } from './checkpoint.js';

const folder = mkdtempSync(join(tmpdir(), 'ludus-checkpoint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function data(step: number): CheckpointData {
  return {
    manifest: {
      game: { id: 'g', version: 1 }, network: { kind: 'mlp', hidden: [8], value: 'tanh' }, planes: [2, 3, 3], actions: 9,
      games: 3, positions: 30, rows: 120, elapsedSeconds: 1.5, config: { seed: 1 },
    },
    state: { step, weights: { a: Float32Array.of(1, -2.5, step), b: new Float32Array(0) }, optimizer: { m: Float32Array.of(3e-39, 1e38), v: Float32Array.of(0.1, 0.2) } },
    average: { a: Float32Array.of(1, 2, 3), b: new Float32Array(0) },
    model: Uint8Array.of(8, 9, 10),
  };
}

test('what is written is read back exactly', () => {
  const run = join(folder, 'round');
  const path = writeCheckpoint(run, data(1234));
  expect(path).toBe(join(run, 'checkpoints', 'step-00001234'));
  const { state, average, model, manifest } = readCheckpoint(path);
  expect({ state, average }).toEqual({ state: data(1234).state, average: data(1234).average });
  expect([...model]).toEqual([8, 9, 10]);
  expect(manifest).toMatchObject({ ...data(1234).manifest, step: 1234, format: 1 });
  expect([...readModel(path).model]).toEqual([8, 9, 10]);
});

test('the same step again replaces the first, and remains of killed writers are ignored and removed', () => {
  const run = join(folder, 'again');
  writeCheckpoint(run, data(5));
  const path = writeCheckpoint(run, { ...data(5), model: Uint8Array.of(1) });
  expect([...readCheckpoint(path).model]).toEqual([1]);
  const half = join(run, 'checkpoints', '.writing-1-9');
  mkdirSync(half);
  writeFileSync(join(half, 'model.onnx'), 'x');
  expect(latestCheckpoint(run)?.step).toBe(5);
  cleanCheckpoints(run);
  expect(existsSync(half)).toBe(false);
  expect(listCheckpoints(run)).toHaveLength(1);
});

test('pruning keeps the first, the latest five and an even spread', () => {
  const run = join(folder, 'prune');
  for (let step = 1; step <= 30; step++) {
    writeCheckpoint(run, data(step * 100));
    pruneCheckpoints(run, 10);
  }
  const steps = listCheckpoints(run).map((entry) => entry.step);
  expect(steps).toHaveLength(10);
  expect(steps[0]).toBe(100);
  expect(steps.slice(5)).toEqual([2600, 2700, 2800, 2900, 3000]);
  const gaps = steps.slice(1, 6).map((step, i) => step - steps[i]);
  expect(Math.max(...gaps) / Math.min(...gaps)).toBeLessThanOrEqual(3);
});

test.each([
  ['weights.bin', (file: string) => truncateSync(file, 4), /weights\.bin: it has 4 of 12 bytes/],
  ['weights.bin', (file: string) => writeFileSync(file, Buffer.alloc(12)), /weights\.bin: its hash does not match/],
  ['model.onnx', (file: string) => rmSync(file), /model\.onnx: it is missing/],
  ['checkpoint.json', (file: string) => truncateSync(file, 100), /checkpoint\.json is not valid JSON/],
  ['checkpoint.json', (file: string) => rmSync(file), /is not a checkpoint: it has no checkpoint\.json/],
  ['checkpoint.json', (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace('"step": 7', '"step": -7')), /checkpoint\.json is not valid: step/],
] as const)('a damaged %s is refused', (name, damage, message) => {
  const path = writeCheckpoint(join(folder, 'damaged'), data(7));
  damage(join(path, name));
  expect(() => readCheckpoint(path)).toThrow(UserError);
  expect(() => readCheckpoint(path)).toThrow(message);
});

test('weights that are not numbers are refused, by name', () => {
  const bad = data(8);
  bad.state.weights.a[1] = NaN;
  const path = writeCheckpoint(join(folder, 'nan'), bad);
  expect(() => readCheckpoint(path)).toThrow(/weights\.bin: 'a' holds NaN at index 1/);
  expect(() => readManifest(join(folder, 'nowhere'))).toThrow(/is not a checkpoint/);
});
