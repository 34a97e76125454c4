/**
 * Checkpoints of a task's run, in the folders and with the manifest of every other (`../checkpoint.ts`): model.onnx or
 * table.bin (for playing), learner.bin (to go on), and environments.bin where the environments can be saved.
 */
import { UserError } from '#engine';
import { corrupt, readChecked, readManifest, writeFolder, type CheckpointManifest, type NewManifest } from '../checkpoint.js';
import type { LearnerState, StateArray, TaskModel } from './types.js';

const types = {
  float32: Float32Array, float64: Float64Array, int32: Int32Array, uint32: Uint32Array, uint16: Uint16Array, uint8: Uint8Array,
} as const;
type TypeName = keyof typeof types;

export interface TaskCheckpointData {
  readonly manifest: Omit<NewManifest, 'learner'>;
  readonly learner: LearnerState;
  readonly model: TaskModel;
  readonly environments?: Uint8Array;
  /** Counts of episodes, as JSON. */
  readonly counts: unknown;
}

export function writeTaskCheckpoint(runDir: string, { manifest, learner, model, environments, counts }: TaskCheckpointData): string {
  const entries = Object.entries(learner.arrays);
  return writeFolder(runDir, { ...manifest, learner: { state: learner.json, counts } }, [
    { name: model.format === 'onnx' ? 'model.onnx' : 'table.bin', pieces: [model.bytes] },
    ...Object.entries(model.more ?? {}).map(([name, bytes]) => ({ name, pieces: [bytes] })),
    {
      name: 'learner.bin',
      pieces: entries.flatMap(([, array]) => [new Uint8Array(array.buffer, array.byteOffset, array.byteLength), padding(array.byteLength)]),
      arrays: entries.map(([name, array]) => ({ name, length: array.length, type: typeName(array) })),
    },
    ...(environments === undefined ? [] : [{ name: 'environments.bin', pieces: [environments] }]),
  ]);
}

/** Each array begins at a multiple of 8 bytes. */
const padding = (bytes: number): Uint8Array => new Uint8Array((8 - (bytes % 8)) % 8);

function typeName(array: StateArray): TypeName {
  return (Object.keys(types) as TypeName[]).find((name) => array instanceof types[name]) ?? 'float32';
}

export interface TaskCheckpoint {
  readonly manifest: CheckpointManifest;
  readonly learner: LearnerState;
  readonly environments?: Uint8Array;
  readonly counts: unknown;
}

/** A whole checkpoint, checked: hashes, sizes, and that every number is finite. Throws UserError('data'). */
export function readTaskCheckpoint(path: string): TaskCheckpoint {
  const manifest = readManifest(path);
  const { learner } = manifest as { learner?: { state?: unknown; counts?: unknown } };
  const list = manifest.files['learner.bin']?.arrays;
  if (learner === undefined || list === undefined) throw new UserError('data', `${path} is a checkpoint of ${manifest.algorithm}, not of a task's learner`);
  const bytes = readChecked(path, 'learner.bin', manifest);
  // A copy of its own, aligned.
  const { buffer } = Uint8Array.from(bytes);
  const arrays: Record<string, StateArray> = {};
  let at = 0;
  for (const { name, length, type = 'float32' } of list) {
    const Type = types[type as TypeName];
    if (Type === undefined) throw corrupt(path, 'learner.bin', `'${name}' is of an unknown type '${type}'`);
    const size = length * Type.BYTES_PER_ELEMENT;
    if (at + size > buffer.byteLength) throw corrupt(path, 'learner.bin', 'it is shorter than the manifest says');
    const array = new Type(buffer, at, length);
    if (type.startsWith('float') && !array.every(Number.isFinite)) throw corrupt(path, 'learner.bin', `'${name}' holds something that is not a finite number`);
    arrays[name] = array;
    at += size + padding(size).length;
  }
  return {
    manifest, learner: { arrays, json: learner.state }, counts: learner.counts,
    ...(manifest.files['environments.bin'] === undefined ? {} : { environments: readChecked(path, 'environments.bin', manifest) }),
  };
}

/** Only what is needed for playing. Throws UserError('data'). */
export function readTaskModel(path: string): { manifest: CheckpointManifest; model: TaskModel } {
  const manifest = readManifest(path);
  const format = manifest.files['model.onnx'] === undefined ? 'table' : 'onnx';
  return { manifest, model: { format, bytes: readChecked(path, format === 'onnx' ? 'model.onnx' : 'table.bin', manifest) } };
}
