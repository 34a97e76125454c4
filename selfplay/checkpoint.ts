/**
 * Checkpoints: folders `step-00001234/` with model.onnx (averaged weights, for playing), weights.bin and optimizer.bin
 * (to go on training), average.bin (the averaged weights) and checkpoint.json, which says what they are and their hashes.
 * A folder is written under another name, synced and renamed, so one with the right name is whole.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync, readdirSync, readSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { UserError } from '#engine';
import type { TrainerState } from '#engine/nn';
import { networkSchema } from './config-schema.js';
import { makeFolder, readJson, syncFolder, writeSynced } from './files.js';

export const CHECKPOINT_FORMAT = 1;

/** In the order of the file; without a type, float32. */
const arrays = z.array(z.strictObject({ name: z.string(), length: z.number().int().min(0), type: z.string().optional() }));
const fileSchema = z.strictObject({ bytes: z.number().int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/), arrays: arrays.optional() });

const manifestSchema = z.object({
  format: z.literal(CHECKPOINT_FORMAT),
  game: z.strictObject({ id: z.string(), version: z.number().int() }),
  algorithm: z.string().default('alphazero'),
  /** Of self-play: what the network was built from, with `createNetwork`; loosely checked here, strictly by the one who builds it. */
  network: networkSchema.optional(),
  planes: z.tuple([z.number().int(), z.number().int(), z.number().int()]),
  actions: z.number().int().min(1),
  step: z.number().int().min(0),
  games: z.number().int().min(0),
  positions: z.number().int().min(0),
  /** Rows trained on so far. */
  rows: z.number().int().min(0),
  elapsedSeconds: z.number().min(0),
  created: z.string(),
  /** The run's whole config. */
  config: z.record(z.string(), z.unknown()),
  /** Of a task's learner: its counters and random streams. */
  learner: z.unknown().optional(),
  files: z.record(z.string(), fileSchema),
  /** Files that it had while it was new, and that were too heavy to be kept. */
  dropped: z.array(z.string()).optional(),
});
export type CheckpointManifest = z.infer<typeof manifestSchema>;

/** What is known of a checkpoint before it is written. */
export type NewManifest = Omit<z.input<typeof manifestSchema>, 'format' | 'created' | 'files' | 'dropped'>;

/** A file of a checkpoint: bytes in one or several pieces, and the arrays that they hold. */
export interface CheckpointFile {
  readonly name: string;
  readonly pieces: readonly Uint8Array[];
  readonly arrays?: z.infer<typeof arrays>;
}

/** What a checkpoint of self-play is made of. */
export interface CheckpointData {
  readonly manifest: Omit<NewManifest, 'step'>;
  readonly state: TrainerState;
  /** Averaged weights by name. */
  readonly average: Record<string, Float32Array>;
  /** Inference model of the averaged weights. */
  readonly model: Uint8Array;
}

export interface Checkpoint {
  readonly path: string;
  readonly manifest: CheckpointManifest;
  readonly state: TrainerState;
  readonly average: Record<string, Float32Array>;
  readonly model: Uint8Array;
}

export interface CheckpointEntry {
  readonly path: string;
  readonly step: number;
}

export function checkpointName(step: number): string {
  return `step-${String(step).padStart(8, '0')}`;
}

/** All whole checkpoints of a run, ascending by step. */
export function listCheckpoints(runDir: string): CheckpointEntry[] {
  const folder = join(runDir, 'checkpoints');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => {
      const match = /^step-(\d{8,})$/.exec(name);
      return match === null ? [] : [{ path: join(folder, name), step: Number(match[1]) }];
    })
    .sort((a, b) => a.step - b.step);
}

export function latestCheckpoint(runDir: string): CheckpointEntry | undefined {
  return listCheckpoints(runDir).at(-1);
}

/** Writes a checkpoint of a run and returns its folder. Throws UserError('environment') when the disk is full. */
export function writeCheckpoint(runDir: string, { manifest, state, average, model }: CheckpointData): string {
  const group = (name: string, named: Record<string, Float32Array>): CheckpointFile => ({
    name, pieces: [concatenate(named)], arrays: Object.entries(named).map(([key, array]) => ({ name: key, length: array.length })),
  });
  return writeFolder(runDir, { ...manifest, step: state.step }, [
    { name: 'model.onnx', pieces: [model] }, group('weights.bin', state.weights), group('average.bin', average), group('optimizer.bin', state.optimizer),
  ]);
}

/** The same for any files. */
export function writeFolder(runDir: string, manifest: NewManifest, content: readonly CheckpointFile[]): string {
  const { step } = manifest;
  const folder = join(runDir, 'checkpoints');
  makeFolder(folder);
  const path = join(folder, checkpointName(step));
  const temporary = join(folder, `.writing-${process.pid}-${step}`);
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary);
  const files: CheckpointManifest['files'] = {};
  try {
    for (const { name, pieces, arrays: list } of content) {
      writeSynced(join(temporary, name), pieces.length === 1 ? pieces[0] : Buffer.concat(pieces));
      const hash = createHash('sha256');
      for (const piece of pieces) hash.update(piece);
      files[name] = { bytes: pieces.reduce((sum, piece) => sum + piece.length, 0), sha256: hash.digest('hex'), arrays: list };
    }
    const whole = { format: CHECKPOINT_FORMAT, ...manifest, created: new Date().toISOString(), files };
    writeSynced(join(temporary, 'checkpoint.json'), `${JSON.stringify(whole, null, 2)}\n`);
    syncFolder(temporary);
    // A restart from an older checkpoint comes past the same step again: the newer one replaces it.
    const old = `${temporary}-old`;
    rmSync(old, { recursive: true, force: true });
    if (existsSync(path)) renameSync(path, old);
    renameSync(temporary, path);
    syncFolder(folder);
    rmSync(old, { recursive: true, force: true });
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
  return path;
}

/** What a checkpoint says of itself. Throws UserError('data') when there is none or it is not readable. */
export function readManifest(path: string): CheckpointManifest {
  const file = join(path, 'checkpoint.json');
  const json = readJson(file);
  if (json === undefined) throw new UserError('data', `${path} is not a checkpoint: it has no checkpoint.json`);
  const result = manifestSchema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new UserError('data', `${file} is not valid: ${issue.path.join('.')}: ${issue.message}; use another checkpoint of the run`);
}

/** A checkpoint, checked: sizes before anything is read, hashes, and that every number is finite. Throws UserError('data'). */
export function readCheckpoint(path: string): Checkpoint {
  const manifest = readManifest(path);
  if (manifest.files['weights.bin'] === undefined) throw new UserError('data', `${path} is a checkpoint of ${manifest.algorithm}, not of self-play`);
  const read = (name: string) => readChecked(path, name, manifest);
  const group = (name: string) => split(path, name, read(name), manifest.files[name].arrays ?? []);
  return {
    path,
    manifest,
    state: { step: manifest.step, weights: group('weights.bin'), optimizer: group('optimizer.bin') },
    average: group('average.bin'),
    model: read('model.onnx'),
  };
}

/** A checkpoint of self-play that holds nothing but what plays, as models that ship do. */
export interface BareModel {
  readonly manifest: CheckpointManifest;
  readonly model: Uint8Array;
}

/** What a new run can begin from: a whole checkpoint of self-play, or a bare model. Throws UserError('data'). */
export function readOrigin(path: string): Checkpoint | BareModel {
  const { algorithm, files } = readManifest(path);
  return algorithm === 'alphazero' && files['weights.bin'] === undefined ? readModel(path) : readCheckpoint(path);
}

/** Only the model for playing, checked in the same way. */
export function readModel(path: string): BareModel {
  const manifest = readManifest(path);
  return { manifest, model: readChecked(path, 'model.onnx', manifest) };
}

/** A further file of a checkpoint, checked in the same way; undefined when the checkpoint never had it. */
export function readMore(path: string, name: string): Uint8Array | undefined {
  const manifest = readManifest(path);
  return manifest.files[name] === undefined ? undefined : readChecked(path, name, manifest);
}

/**
 * Deletes checkpoints beyond `keep`, but never the first or the latest five: of the others, always the one whose
 * neighbours are nearest to each other in step, so that those left are spread over the run.
 */
export function pruneCheckpoints(runDir: string, keep: number): string[] {
  const kept = listCheckpoints(runDir);
  const removed: string[] = [];
  while (kept.length > Math.max(keep, 6)) {
    let victim = 1;
    for (let i = 2; i < kept.length - 5; i++) {
      if (kept[i + 1].step - kept[i - 1].step < kept[victim + 1].step - kept[victim - 1].step) victim = i;
    }
    const { path } = kept.splice(victim, 1)[0];
    // Renamed first, so that nobody finds a half deleted checkpoint.
    const doomed = join(dirname(path), `.deleting-${basename(path)}`);
    renameSync(path, doomed);
    rmSync(doomed, { recursive: true, force: true });
    removed.push(path);
  }
  return removed;
}

/**
 * Takes a heavy file out of all checkpoints of a run but the newest `keep`. The manifest forgets it first, and in one step:
 * whenever the process is killed, what a manifest lists is there. Throws UserError('environment') when the disk is full.
 */
export function dropFromOlder(runDir: string, file: string, keep: number): void {
  for (const { path } of listCheckpoints(runDir).slice(0, -keep)) {
    if (!existsSync(join(path, file))) continue;
    const manifest = readManifest(path);
    if (manifest.files[file] !== undefined) {
      const { [file]: _, ...files } = manifest.files;
      const temporary = join(path, `.checkpoint-${process.pid}.json`);
      writeSynced(temporary, `${JSON.stringify({ ...manifest, files, dropped: [...(manifest.dropped ?? []), file] }, null, 2)}\n`);
      renameSync(temporary, join(path, 'checkpoint.json'));
      syncFolder(path);
    }
    rmSync(join(path, file));
  }
}

/** Removes what a killed process left half written or half deleted. */
export function cleanCheckpoints(runDir: string): void {
  const folder = join(runDir, 'checkpoints');
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (/^\.(writing|deleting)-/.test(name)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function concatenate(group: Record<string, Float32Array>): Uint8Array {
  const all = Object.values(group);
  const bytes = new Uint8Array(4 * all.reduce((sum, array) => sum + array.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const array of all) {
    for (let i = 0; i < array.length; i++, at += 4) view.setFloat32(at, array[i], true);
  }
  return bytes;
}

function split(path: string, name: string, bytes: Uint8Array, list: z.infer<typeof arrays>): Record<string, Float32Array> {
  const total = list.reduce((sum, { length }) => sum + length, 0);
  if (total * 4 !== bytes.length) throw corrupt(path, name, `it holds ${bytes.length / 4} numbers where the manifest lists ${total}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const group: Record<string, Float32Array> = {};
  let at = 0;
  for (const { name: key, length } of list) {
    const array = new Float32Array(length);
    for (let i = 0; i < length; i++, at += 4) {
      array[i] = view.getFloat32(at, true);
      if (!Number.isFinite(array[i])) throw corrupt(path, name, `'${key}' holds ${array[i]} at index ${i}`);
    }
    group[key] = array;
  }
  return group;
}

/** A file of a checkpoint, if its size and hash are right. Throws UserError('data'). */
export function readChecked(path: string, name: string, manifest: CheckpointManifest): Uint8Array {
  const expected = manifest.files[name];
  if (expected === undefined) throw corrupt(path, name, 'the manifest does not list it');
  const file = join(path, name);
  if (!existsSync(file)) throw corrupt(path, name, 'it is missing');
  const handle = openSync(file, 'r');
  let bytes: Buffer;
  try {
    const { size } = fstatSync(handle);
    if (size !== expected.bytes) throw corrupt(path, name, `it has ${size} of ${expected.bytes} bytes`);
    bytes = Buffer.allocUnsafe(size);
    for (let at = 0; at < size; ) {
      const read = readSync(handle, bytes, at, size - at, at);
      if (read === 0) throw corrupt(path, name, `it ended after ${at} of ${size} bytes`);
      at += read;
    }
  } finally {
    closeSync(handle);
  }
  if (sha256(bytes) !== expected.sha256) throw corrupt(path, name, 'its hash does not match');
  return bytes;
}

/** The error about a damaged checkpoint. */
export function corrupt(path: string, name: string, why: string): UserError {
  return new UserError('data', `checkpoint ${path} is damaged: ${name}: ${why}; use another checkpoint of the run, or move this one away`);
}

/** SHA-256 of the weights alone, for telling whether two runs agree bit for bit. */
export function weightsHash(path: string): string {
  return sha256(readFileSync(join(path, 'weights.bin')));
}
