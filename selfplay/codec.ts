/**
 * The one codec of stored episodes: a msgpack map for what is small, and one binary body for every array.
 * msgpack's own handling of typed arrays is not used: the packer's default writes a Float32Array as wrong bytes.
 */
import { Packr } from 'msgpackr';
import { UserError } from '#engine';
import type { Episode } from './episode.js';

/** Bumped when the layout changes; a store of another format is refused. */
export const EPISODE_FORMAT = 1;

interface Wire {
  readonly format: number;
  readonly id: string;
  readonly game: string;
  readonly version: number;
  readonly seed: number;
  readonly setup: string | null;
  readonly checkpoint: number;
  readonly truncated: boolean;
  readonly plies: number;
  readonly entries: number;
  readonly body: Uint8Array;
}

const packr = new Packr({ useRecords: false, moreTypes: false });

/** Widest elements first, so that every view is aligned: rewards, root values, probabilities, starts, actions twice, flags. */
function bodyBytes(plies: number, entries: number): number {
  return 4 * (plies + plies + entries + plies + 1) + 2 * (plies + entries) + plies;
}

function views(buffer: ArrayBuffer, plies: number, entries: number): Pick<Episode, 'trained' | 'actions' | 'rewards' | 'rootValues' | 'policies'> {
  let at = 0;
  const take = (bytes: number): number => (at += bytes) - bytes;
  return {
    rewards: new Float32Array(buffer, take(4 * plies), plies),
    rootValues: new Float32Array(buffer, take(4 * plies), plies),
    policies: {
      probabilities: new Float32Array(buffer, take(4 * entries), entries),
      starts: new Uint32Array(buffer, take(4 * (plies + 1)), plies + 1),
      actions: new Uint16Array(buffer, take(2 * entries), entries),
    },
    actions: new Uint16Array(buffer, take(2 * plies), plies),
    trained: new Uint8Array(buffer, take(plies), plies),
  };
}

/** Bytes of an episode, alone in their ArrayBuffer so that a worker can hand them over without a copy. */
export function encodeEpisode(episode: Episode): Uint8Array<ArrayBuffer> {
  const plies = episode.actions.length;
  const entries = episode.policies.actions.length;
  const buffer = new ArrayBuffer(bodyBytes(plies, entries));
  const body = views(buffer, plies, entries);
  body.rewards.set(episode.rewards);
  body.rootValues.set(episode.rootValues);
  body.policies.probabilities.set(episode.policies.probabilities);
  body.policies.starts.set(episode.policies.starts);
  body.policies.actions.set(episode.policies.actions);
  body.actions.set(episode.actions);
  body.trained.set(episode.trained);
  const wire: Wire = {
    format: EPISODE_FORMAT,
    id: episode.id,
    game: episode.gameId,
    version: episode.gameVersion,
    seed: episode.seed,
    setup: episode.setup ?? null,
    checkpoint: episode.checkpoint,
    truncated: episode.end === 'truncated',
    plies,
    entries,
    body: new Uint8Array(buffer),
  };
  // A copy: the packer's own buffer is shared between calls.
  return Uint8Array.from(packr.pack(wire));
}

/** The episode that the bytes hold; its arrays share one new buffer. Throws UserError('data') for anything else. */
export function decodeEpisode(bytes: Uint8Array): Episode {
  let wire: Partial<Wire>;
  try {
    const decoded: unknown = packr.unpack(bytes);
    wire = typeof decoded === 'object' && decoded !== null ? decoded : {};
  } catch (error) {
    throw broken(`they are not msgpack (${(error as Error).message})`);
  }
  if (wire.format !== EPISODE_FORMAT) throw broken(`format ${String(wire.format)} where ${EPISODE_FORMAT} was expected`);
  const { id, game, version, seed, setup, checkpoint, plies, entries, body } = wire;
  if (typeof id !== 'string' || typeof game !== 'string' || !count(version) || typeof seed !== 'number' || typeof checkpoint !== 'number') throw broken('a field is missing');
  if (!count(plies) || !count(entries) || !(body instanceof Uint8Array) || body.length !== bodyBytes(plies, entries)) throw broken('the arrays have the wrong size');
  const buffer = new ArrayBuffer(body.length);
  new Uint8Array(buffer).set(body);
  const arrays = views(buffer, plies, entries);
  if (arrays.policies.starts[plies] !== entries) throw broken('the policies do not fit the moves');
  return { id, gameId: game, gameVersion: version, seed, setup: setup ?? undefined, checkpoint, end: wire.truncated === true ? 'truncated' : 'terminated', ...arrays };
}

function count(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 1e9;
}

function broken(why: string): UserError {
  return new UserError('data', `a stored episode is damaged: ${why}`);
}
