/** Every tournament found on this machine, and how to start one. */
import { useEffect } from 'preact/hooks';
import type { TournamentListing } from '#arena/protocol';
import '../styles/training.css';
import '../styles/tournaments.css';
import type { Client } from '../app/client.js';
import { makeRoute } from '../app/router.js';
import type { AppState } from '../app/state.js';
import { useStore } from '../app/store.js';
import { count, plural } from '../ui/format.js';
import { formatWords } from './figures.js';

export function TournamentsPage({ client }: { client: Client }) {
  const list = useStore(client.store, (s: AppState) => s.tournaments.list);
  const games = useStore(client.store, (s: AppState) => s.games);
  useEffect(() => client.watch('tournaments'), []);
  return (
    <div class="stack tournaments">
      <div>
        <h1>Tournaments</h1>
        <p class="muted lead">Agents meet in pairs of games: one opening, sides swapped. Every game is on record and can be replayed.</p>
      </div>
      {list === undefined
        ? <p class="muted" role="status">Looking for tournaments …</p>
        : list.length === 0 ? <HowTo heading="None yet" /> : (
          <>
            <ul class="tournament-list">{list.map((listing) => <li key={listing.id}><Listing listing={listing} gameName={games.find((g) => g.id === listing.game)?.name ?? listing.game} /></li>)}</ul>
            <HowTo heading="Start another" />
          </>
        )}
    </div>
  );
}

function Listing({ listing, gameName }: { listing: TournamentListing; gameName: string }) {
  const { id, name, fault, running, format, players, names, games, run, changed } = listing;
  if (fault !== null) {
    return <div class="card tournament-entry"><h2>{name}</h2><p class="muted">Its ledger cannot be shown: {fault}.</p></div>;
  }
  const shown = names.slice(0, 4).join(', ');
  return (
    <a class="card tournament-entry" href={makeRoute({ page: 'tournament', id })}>
      <div class="spread"><h2>{name}</h2>{running && <span class="chip state-running"><span class="pulse" aria-hidden="true" />Being played</span>}</div>
      <p>{gameName} · {formatWords[format] ?? format} · <span class="number">{plural(players, 'player')}</span> · <span class="number">{plural(games, 'game')}</span></p>
      <p class="small muted">{shown}{players > Math.min(4, names.length) && ` and ${count(players - Math.min(4, names.length))} more`}</p>
      <p class="small muted">{run !== null && <>run <span class="mono">{run}</span> · </>}last game <time dateTime={new Date(changed).toISOString()}>{new Date(changed).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })}</time></p>
    </a>
  );
}

export function HowTo({ heading }: { heading: string }) {
  return (
    <section class="card stack how-to">
      <h2>{heading}</h2>
      <p>Start one in a terminal, in the folder where Ludus runs; it appears here while it is played:</p>
      <dl class="commands">
        <div><dt>Everyone against everyone</dt><dd><code>ludus tournament --game connect4 --agent random --agent uct:sims=100 --agent uct:sims=1000</code></dd></div>
        <div><dt>The newest checkpoint against earlier ones</dt><dd><code>ludus tournament --run runs/connect4 --agent uct:sims=1000</code></dd></div>
        <div><dt>Is A better than B?</dt><dd><code>ludus sprt --game connect4 --a uct:sims=300,c=1.2 --b uct:sims=300 --elo0 0 --elo1 20</code></dd></div>
      </dl>
    </section>
  );
}
