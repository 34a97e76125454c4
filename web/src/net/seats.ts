/** The secrets of one's own seats, kept in this browser only: they let a reload, or a new day, go on with the game. */
const KEY = 'ludus.seats';
const KEEP = 30;

/** Newest last. */
type Book = { readonly roomId: string; readonly tokens: readonly (string | null)[] }[];

function isEntry(value: unknown): value is Book[number] {
  if (typeof value !== 'object' || value === null || !('roomId' in value) || !('tokens' in value)) return false;
  return typeof value.roomId === 'string' && Array.isArray(value.tokens) && value.tokens.every((t) => t === null || typeof t === 'string');
}

function read(storage: Storage): Book {
  try {
    const value: unknown = JSON.parse(storage.getItem(KEY) ?? '[]');
    return Array.isArray(value) ? value.filter(isEntry) : [];
  } catch {
    return [];
  }
}

export function seatTokens(storage: Storage, roomId: string): readonly (string | null)[] {
  return read(storage).find((entry) => entry.roomId === roomId)?.tokens ?? [];
}

export function keepSeatTokens(storage: Storage, roomId: string, tokens: readonly (string | null)[]): void {
  const book = [...read(storage).filter((entry) => entry.roomId !== roomId), { roomId, tokens }].slice(-KEEP);
  try {
    storage.setItem(KEY, JSON.stringify(book));
  } catch {
    // Storage full or forbidden: the game goes on, only a reload would lose the seat.
  }
}
