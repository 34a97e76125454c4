/** Files written so that a reader, or a restart after kill -9, sees the old whole or the new whole, never a part. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UserError } from '#engine';

/** Writes and syncs a file in place (for files in a folder that is itself renamed later). */
export function writeSynced(path: string, data: Uint8Array | string): void {
  const handle = openSync(path, 'w');
  try {
    writeFileSync(handle, data);
    fsyncSync(handle);
  } catch (error) {
    throw diskError(error, path);
  } finally {
    closeSync(handle);
  }
}

/** Makes renames inside a folder durable. Windows cannot sync folders, and needs no syncing of them. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * Replaces a small file as a whole. Not synced, since it is done often and where people wait: a killed process leaves the
 * old or the new file, and a power cut at worst an older one.
 */
export function replaceFile(path: string, data: Uint8Array | string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, data);
    renameSync(temporary, path);
  } catch (error) {
    throw diskError(error, path);
  }
}

/**
 * Makes a folder and those it lies in, where they are missing. Throws UserError('environment'). Not by mkdir's own
 * `recursive`: under a folder that can hold no new ones, as /proc, it never returns (Node 20).
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  for (let folder = resolve(path); !existsSync(folder) && folder !== dirname(folder); folder = dirname(folder)) missing.push(folder);
  for (const folder of missing.reverse()) {
    try {
      mkdirSync(folder);
    } catch (error) {
      // Another process may have been quicker.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !existsSync(folder)) throw diskError(error, folder);
    }
  }
  if (!statSync(path).isDirectory()) throw new UserError('environment', `cannot make the folder ${path}: there is a file of that name`);
}

/** A JSON file's content; undefined when there is none. Throws UserError('data') when it is not JSON. */
export function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError('data', `${path} is not valid JSON: it was cut off or edited; restore it, or choose another run directory`);
  }
}

/** The system's errors about disks, as errors that a person can do something about. */
export function diskError(error: unknown, path: string): Error {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') return new UserError('environment', `no space left to write ${path}: free some, then run the same command; what was saved before is kept`);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return new UserError('environment', `no permission to write ${path}: choose another run directory`);
  if (code === 'EISDIR') return new UserError('environment', `cannot write ${path}: it is a folder`);
  if (code === 'ENOENT' || code === 'ENOTDIR') return new UserError('environment', `cannot write ${path}: ${dirname(path)} ${code === 'ENOTDIR' ? 'is a file' : 'can hold nothing new, or is not there'}`);
  return error instanceof Error ? error : new Error(String(error));
}
