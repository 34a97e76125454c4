/**
 * Checkpoints of a task's run, in the folders and with the manifest of every other (`../checkpoint.ts`): model.onnx or
 * table.bin (for playing), learner.bin and experience.bin (to go on), and environments.bin where the environments can be
 * saved. What was lived through is heavy: experience.bin stays beside the newest checkpoints alone.
 */
import { UserError } from '#engine';
import { corrupt, dropFromOlder, readChecked, readManifest, writeFolder, type CheckpointFile, type CheckpointManifest, type NewManifest } from '../checkpoint.js';
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
  return writeFolder(runDir, { ...manifest, learner: { state: learner.json, counts } }, [
    { name: model.format === 'onnx' ? 'model.onnx' : 'table.bin', pieces: [model.bytes] },
    ...Object.entries(model.more ?? {}).map(([name, bytes]) => ({ name, pieces: [bytes] })),
    arraysFile('learner.bin', learner.arrays),
    ...(learner.experience === undefined ? [] : [arraysFile(EXPERIENCE, learner.experience)]),
    ...(environments === undefined ? [] : [{ name: 'environments.bin', pieces: [environments] }]),
  ]);
}

const EXPERIENCE = 'experience.bin';
/** The newest, and one more should that turn out to be damaged. */
const WITH_EXPERIENCE = 2;

/** Takes what was lived through out of all but the newest checkpoints. */
export function lightenCheckpoints(runDir: string): void {
  dropFromOlder(runDir, EXPERIENCE, WITH_EXPERIENCE);
}

function arraysFile(name: string, arrays: Readonly<Record<string, StateArray>>): CheckpointFile {
  const entries = Object.entries(arrays);
  return {
    name,
    pieces: entries.flatMap(([, array]) => [new Uint8Array(array.buffer, array.byteOffset, array.byteLength), padding(array.byteLength)]),
    arrays: entries.map(([key, array]) => ({ name: key, length: array.length, type: typeName(array) })),
  };
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
  /** What was lived through was left out when the checkpoint became old. */
  readonly lightened: boolean;
}

/** A whole checkpoint, checked: hashes, sizes, and that every number is finite. Throws UserError('data'). */
export function readTaskCheckpoint(path: string): TaskCheckpoint {
  const manifest = readManifest(path);
  const { learner } = manifest as { learner?: { state?: unknown; counts?: unknown } };
  if (learner === undefined || manifest.files['learner.bin']?.arrays === undefined) throw new UserError('data', `${path} is a checkpoint of ${manifest.algorithm}, not of a task's learner`);
  const arrays = readArrays(path, 'learner.bin', manifest);
  return {
    manifest, counts: learner.counts, lightened: manifest.dropped?.includes(EXPERIENCE) ?? false,
    learner: { arrays, json: learner.state, ...(manifest.files[EXPERIENCE] === undefined ? {} : { experience: readArrays(path, EXPERIENCE, manifest) }) },
    ...(manifest.files['environments.bin'] === undefined ? {} : { environments: readChecked(path, 'environments.bin', manifest) }),
  };
}

function readArrays(path: string, file: string, manifest: CheckpointManifest): Record<string, StateArray> {
  const bytes = readChecked(path, file, manifest);
  // A copy of its own, aligned.
  const { buffer } = Uint8Array.from(bytes);
  const arrays: Record<string, StateArray> = {};
  let at = 0;
  for (const { name, length, type = 'float32' } of manifest.files[file].arrays ?? []) {
    const Type = types[type as TypeName];
    if (Type === undefined) throw corrupt(path, file, `'${name}' is of an unknown type '${type}'`);
    const size = length * Type.BYTES_PER_ELEMENT;
    if (at + size > buffer.byteLength) throw corrupt(path, file, 'it is shorter than the manifest says');
    const array = new Type(buffer, at, length);
    if (type.startsWith('float') && !array.every(Number.isFinite)) throw corrupt(path, file, `'${name}' holds something that is not a finite number`);
    arrays[name] = array;
    at += size + padding(size).length;
  }
  return arrays;
}

/** Only what is needed for playing. Throws UserError('data'). */
export function readTaskModel(path: string): { manifest: CheckpointManifest; model: TaskModel } {
  const manifest = readManifest(path);
  const format = manifest.files['model.onnx'] === undefined ? 'table' : 'onnx';
  return { manifest, model: { format, bytes: readChecked(path, format === 'onnx' ? 'model.onnx' : 'table.bin', manifest) } };
}
