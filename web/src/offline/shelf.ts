/** Games of this browser, kept in its storage so that a reload goes on with them. */
import { parseServerMessage } from '#arena/protocol';
import type { StoredRoom } from './room.js';

const KEY = 'ludus.offline';
const KEEP = 12;

interface Entry { readonly room: unknown; readonly tokens: readonly (string | null)[] }

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && 'room' in value && 'tokens' in value && Array.isArray(value.tokens);
}

function read(storage: Storage): Entry[] {
  try {
    const value: unknown = JSON.parse(storage.getItem(KEY) ?? '[]');
    return Array.isArray(value) ? value.filter(isEntry) : [];
  } catch {
    return [];
  }
}

/** The game as it was stored; undefined when there is none, or none of this version. */
export function takeDown(storage: Storage, roomId: string): StoredRoom | undefined {
  for (const { room, tokens } of read(storage)) {
    const parsed = parseServerMessage({ type: 'room-snapshot', room });
    if (typeof parsed !== 'string' && parsed.type === 'room-snapshot' && parsed.room.roomId === roomId) return { snapshot: parsed.room, tokens };
  }
  return undefined;
}

/** Newest last; the oldest make room. Analyses are left out: they weigh more than all the rest, and can be asked for again. */
export function putAway(storage: Storage, { snapshot, tokens }: StoredRoom): void {
  const idOf = (room: unknown) => (typeof room === 'object' && room !== null && 'roomId' in room ? room.roomId : undefined);
  const others = read(storage).filter(({ room }) => idOf(room) !== snapshot.roomId);
  try {
    storage.setItem(KEY, JSON.stringify([...others, { room: { ...snapshot, analyses: [] }, tokens }].slice(-KEEP)));
  } catch {
    // Storage full or forbidden: the game goes on, only a reload would lose it.
  }
}
