/** The frame around every page: name, navigation, the state of the connection. */
import { lazy, Suspense } from 'preact/compat';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { HomePage } from '../home/home-page.js';
import { RoomPage } from '../play/room-page.js';
import { SetupPage } from '../play/setup-page.js';
import { taskOf } from '../task/list.js';
import { CloseIcon } from '../ui/icons.js';
import type { Client } from './client.js';
import { makeRoute, useRoute, type Route } from './router.js';
import type { AppState, Connection } from './state.js';
import { useStore } from './store.js';

// The plots weigh as much as all the rest: only this page loads them.
const TrainingPage = lazy(() => import('../training/training-page.js').then((m) => m.TrainingPage));

const ClusterPage = lazy(() => import('../cluster/cluster-page.js').then((m) => m.ClusterPage));

/** The rules of every task, and the drawing of them. */
const TaskPage = lazy(() => import('../task/task-page.js').then((m) => m.TaskPage));

const TournamentsPage = lazy(() => import('../tournaments/list-page.js').then((m) => m.TournamentsPage));
const TournamentPage = lazy(() => import('../tournaments/tournament-page.js').then((m) => m.TournamentPage));
const ReplayPage = lazy(() => import('../tournaments/replay-page.js').then((m) => m.ReplayPage));

/** Which entry of the navigation a page belongs to. */
const sections: Record<Route['page'], 'play' | 'training' | 'tournaments'> = {
  home: 'play', setup: 'play', room: 'play', task: 'play', training: 'training', cluster: 'training', tournaments: 'tournaments', tournament: 'tournaments', replay: 'tournaments',
};

export function App({ client }: { client: Client }) {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const place = makeRoute(route);
  const section = sections[route.page];
  // With the drawing and not after it: nobody's focus in the new page is taken away again.
  useLayoutEffect(() => {
    document.title = titleOf(route);
    // A new page is announced and read from its start; the first one keeps the browser's own focus.
    if (!first.current) {
      main.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    first.current = false;
  }, [place]);
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>Skip to the content</a>
      <header class="header">
        <a class="brand" href={makeRoute({ page: 'home' })}><Logo /><span class="brand-name">Ludus</span></a>
        <nav class="nav" aria-label="Pages">
          <a href={makeRoute({ page: 'home' })} aria-current={section === 'play' ? 'page' : undefined}>Play</a>
          {!client.offline && <a href={makeRoute({ page: 'training' })} aria-current={section === 'training' ? 'page' : undefined}>Training</a>}
          {!client.offline && <a href={makeRoute({ page: 'tournaments' })} aria-current={section === 'tournaments' ? 'page' : undefined}>Tournaments</a>}
        </nav>
        <ConnectionMark client={client} />
      </header>
      <Banners client={client} />
      <main class="page" id="main" tabIndex={-1} ref={main}><Page route={route} client={client} /></main>
    </>
  );
}

function Page({ route, client }: { route: Route; client: Client }) {
  switch (route.page) {
    case 'home': return <HomePage client={client} />;
    case 'setup': return <SetupPage key={makeRoute(route)} client={client} gameId={route.game} agent={route.agent} />;
    case 'room': return <RoomPage key={route.roomId} client={client} roomId={route.roomId} />;
    case 'task': return <Suspense fallback={waiting}><TaskPage key={route.game} client={client} gameId={route.game} /></Suspense>;
    case 'cluster': return <Suspense fallback={waiting}><ClusterPage /></Suspense>;
    case 'training': return <Suspense fallback={<p class="muted" role="status">Loading the plots …</p>}><TrainingPage client={client} /></Suspense>;
    case 'tournaments': return <Suspense fallback={waiting}><TournamentsPage client={client} /></Suspense>;
    case 'tournament': return <Suspense fallback={waiting}><TournamentPage key={route.id} client={client} id={route.id} /></Suspense>;
    case 'replay': return <Suspense fallback={waiting}><ReplayPage key={makeRoute(route)} client={client} id={route.id} number={route.game} /></Suspense>;
    default: return route satisfies never;
  }
}

const waiting = <p class="muted" role="status">Loading …</p>;

function titleOf(route: Route): string {
  switch (route.page) {
    case 'home': return 'Ludus';
    case 'setup': return 'New game – Ludus';
    case 'room': return 'Game – Ludus';
    case 'task': return `${taskOf(route.game)?.name ?? 'Task'} – Ludus`;
    case 'training': return 'Training – Ludus';
    case 'cluster': return 'Cluster – Ludus';
    case 'tournaments':
    case 'tournament': return 'Tournaments – Ludus';
    case 'replay': return 'Replay – Ludus';
    default: return route satisfies never;
  }
}

const connectionWords: Record<Connection, string> = { connecting: 'Connecting', open: 'Connected', lost: 'Reconnecting', refused: 'Disconnected' };

function ConnectionMark({ client }: { client: Client }) {
  const connection = useStore(client.store, (s: AppState) => s.connection);
  if (client.offline) return <span class="connection">In this browser</span>;
  return (
    <span class={`connection ${connection}`} title={connectionWords[connection]}>
      <svg viewBox="0 0 12 12" aria-hidden="true">{connection === 'open' ? <circle cx="6" cy="6" r="5" fill="var(--accent)" /> : <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="4 2" />}</svg>
      <span class="connection-words">{connectionWords[connection]}</span>
    </span>
  );
}

function Banners({ client }: { client: Client }) {
  const connection = useStore(client.store, (s: AppState) => s.connection);
  const retryIn = useStore(client.store, (s: AppState) => s.retryIn);
  const notice = useStore(client.store, (s: AppState) => s.notice);
  const loading = useStore(client.store, (s: AppState) => s.loading);
  return (
    <>
      {loading !== undefined && (
        <div class="banner notice inset" role="status">
          <span>Fetching the {loading.what === 'runtime' ? 'runtime that networks need (once; your browser keeps it)' : 'network'}: {(loading.loaded / 1e6).toFixed(1)}{loading.total > 0 && ` of ${(loading.total / 1e6).toFixed(1)}`} MB</span>
          {loading.total > 0 && <progress value={loading.loaded} max={loading.total} aria-label="Fetched" />}
        </div>
      )}
      {connection === 'lost' && (
        <div class="banner inset" role="alert">
          <span>The connection to the server is lost. Nothing you played is lost with it; trying again{retryIn !== undefined && retryIn > 3 ? ` in ${Math.ceil(retryIn)} seconds` : ''} …</span>
          <button type="button" class="button" onClick={() => client.retry()}>Try now</button>
        </div>
      )}
      {notice !== undefined && (
        <div class={connection === 'refused' ? 'banner inset' : 'banner notice inset'} role="alert">
          <span>{notice}</span>
          {connection === 'refused'
            ? <button type="button" class="button" onClick={() => location.reload()}>Reload</button>
            : <button type="button" class="button quiet" aria-label="Dismiss" onClick={() => client.dismissNotice()}><CloseIcon /></button>}
        </div>
      )}
    </>
  );
}

function Logo() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect class="logo-back" width="32" height="32" rx="9" />
      <circle cx="11.2" cy="20.8" r="5.4" fill="#f2b84b" />
      <circle cx="20.8" cy="11.2" r="4.2" fill="none" stroke="#fffefb" stroke-width="2.4" />
    </svg>
  );
}
