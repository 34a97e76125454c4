/** Pages by the address's hash: works from any path and needs nothing of the server. */
import { useEffect, useState } from 'preact/hooks';

export type Route =
  | { readonly page: 'home' }
  /** Choosing the opponent for a new game. */
  | { readonly page: 'setup'; readonly game: string; readonly agent?: string }
  | { readonly page: 'room'; readonly roomId: string }
  /** A task of one player, in this browser. */
  | { readonly page: 'task'; readonly game: string }
  | { readonly page: 'training' }
  | { readonly page: 'cluster' }
  | { readonly page: 'tournaments' }
  | { readonly page: 'tournament'; readonly id: string }
  /** A game of a tournament, replayed. */
  | { readonly page: 'replay'; readonly id: string; readonly game: number };

export function parseRoute(hash: string): Route {
  const [path, query = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  const parts = path.split('/').filter((part) => part !== '').map(decoded);
  if (parts[0] === 'cluster') return { page: 'cluster' };
  if (parts[0] === 'training') return { page: 'training' };
  if (parts[0] === 'tournaments' && parts[1] === undefined) return { page: 'tournaments' };
  if (parts[0] === 'tournaments') {
    const replay = parts[2] === 'games' && /^\d{1,15}$/.test(parts[3] ?? '');
    return replay ? { page: 'replay', id: parts[1], game: Number(parts[3]) } : { page: 'tournament', id: parts[1] };
  }
  if (parts[0] === 'room' && parts[1] !== undefined) return { page: 'room', roomId: parts[1] };
  if (parts[0] === 'task' && parts[1] !== undefined) return { page: 'task', game: parts[1] };
  if (parts[0] === 'new' && parts[1] !== undefined) return { page: 'setup', game: parts[1], agent: new URLSearchParams(query).get('agent') ?? undefined };
  return { page: 'home' };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function makeRoute(route: Route): string {
  switch (route.page) {
    case 'home': return '#/';
    case 'training': return '#/training';
    case 'cluster': return '#/cluster';
    case 'tournaments': return '#/tournaments';
    case 'tournament': return `#/tournaments/${encodeURIComponent(route.id)}`;
    case 'replay': return `#/tournaments/${encodeURIComponent(route.id)}/games/${route.game}`;
    case 'room': return `#/room/${encodeURIComponent(route.roomId)}`;
    case 'task': return `#/task/${encodeURIComponent(route.game)}`;
    case 'setup': return `#/new/${encodeURIComponent(route.game)}${route.agent === undefined ? '' : `?agent=${encodeURIComponent(route.agent)}`}`;
    default: return route satisfies never;
  }
}

export function navigate(route: Route): void {
  location.hash = makeRoute(route);
}

export function useRoute(): Route {
  const [route, set] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const changed = () => set((before) => (makeRoute(before) === makeRoute(parseRoute(location.hash)) ? before : parseRoute(location.hash)));
    addEventListener('hashchange', changed);
    // The address may have changed between the first drawing and now.
    changed();
    return () => removeEventListener('hashchange', changed);
  }, []);
  return route;
}
