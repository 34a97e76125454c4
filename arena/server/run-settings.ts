/** The settings of a run, as a flat list that a page can show. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunSettings } from '#arena/protocol';

/** Longest value shown, in characters; more than this is nothing that a person set. */
const MAX_VALUE = 200;
const MAX_SETTINGS = 512;

/** {search: {simulations: 32}} becomes [{name: 'search.simulations', value: '32'}]; lists of plain values stay one entry. */
export function flattenSettings(value: unknown, path = ''): RunSettings {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, entry]) => flattenSettings(entry, path === '' ? key : `${path}.${key}`)).slice(0, MAX_SETTINGS);
  }
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return [{ name: path.slice(0, 128), value: text.slice(0, MAX_VALUE) }];
}

/** Of the run in this folder; empty when it has no readable config.json. */
export function readSettings(runDir: string): RunSettings {
  try {
    return flattenSettings(JSON.parse(readFileSync(join(runDir, 'config.json'), 'utf8')));
  } catch {
    return [];
  }
}
