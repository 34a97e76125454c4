import { expect, it } from 'vitest';
import { makeRoute, parseRoute, type Route } from './router.js';

const routes: Route[] = [
  { page: 'home' }, { page: 'training' }, { page: 'cluster' }, { page: 'tournaments' }, { page: 'tournament', id: 'league-0123abcd' }, { page: 'replay', id: 'league-0123abcd', game: 41 }, { page: 'room', roomId: 'Ab-_0123' }, { page: 'setup', game: 'connect4', agent: undefined },
  { page: 'setup', game: 'connect4', agent: 'run:step-00000100' },
];
it.each(routes)('$page round-trips', (route) => expect(parseRoute(makeRoute(route))).toEqual(route));

it.each(['', '#', '#/', '#/nonsense', '#/room', '#/new', '#/%'])('%j is the first page', (hash) => expect(parseRoute(hash).page).toBe('home'));
