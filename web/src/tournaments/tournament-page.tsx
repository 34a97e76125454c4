/** One tournament, as it stands and while it is played. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { TournamentView } from '#arena/protocol';
import '../styles/training.css';
import '../styles/tournaments.css';
import type { Client } from '../app/client.js';
import { makeRoute } from '../app/router.js';
import type { AppState } from '../app/state.js';
import { useStore } from '../app/store.js';
import { compact, count, percent, plural } from '../ui/format.js';
import { LeftIcon } from '../ui/icons.js';
import { Crosstable, MeetingCard, type Couple } from './crosstable.js';
import { eloText, endText, formatWords, pace, points, remarks } from './figures.js';
import { Games } from './games.js';
import { Gauge } from './gauge.js';
import { RatingPlot } from './rating-plot.js';

export function TournamentPage({ client, id }: { client: Client; id: string }) {
  const view = useStore(client.store, (s: AppState) => s.tournaments.view);
  const gone = useStore(client.store, (s: AppState) => s.tournaments.gone);
  const rules = useStore(client.store, (s: AppState) => s.games);
  useEffect(() => client.watchTournament(id), [id]);
  const first = useRef<TournamentView>();
  /** Names, since places change while it is played. */
  const [players, setPlayers] = useState<readonly string[]>([]);

  if (gone?.id === id) {
    return <section class="empty"><h1>This tournament cannot be shown</h1><p>{gone.reason}</p><a class="button primary" href={makeRoute({ page: 'tournaments' })}>All tournaments</a></section>;
  }
  if (view === undefined || view.id !== id) return <p class="muted" role="status">Reading the ledger …</p>;
  first.current ??= view;
  const speed = pace(first.current, view);
  const place = (name: string | undefined) => view.players.findIndex((player) => player.name === name);
  const [row, column] = [place(players[0]), place(players[1])];
  // Without a choice, the meeting of the first two that met.
  const best = view.crosstable.reduce<Couple | undefined>((found, { a, b }) => (found === undefined || Math.min(a, b) * 100 + Math.max(a, b) < found.row * 100 + found.column ? { row: Math.min(a, b), column: Math.max(a, b) } : found), undefined);
  const chosen = row >= 0 && column >= 0 ? { row, column } : undefined;
  const couple = chosen ?? (view.sprt === null ? best : view.crosstable[0] && { row: view.crosstable[0].a, column: view.crosstable[0].b });
  const sides = view.crosstable[0];
  return (
    <div class="stack tournaments">
      <section class="run">
        <div>
          <a class="back" href={makeRoute({ page: 'tournaments' })}><LeftIcon />All tournaments</a>
          <h1>{view.name}</h1>
          <p class="row run-state">
            {view.running ? <span class="chip state-running"><span class="pulse" aria-hidden="true" />Being played</span> : <span class="chip">{view.decided ? 'Decided' : 'Not being played'}</span>}
            <span>{rules.find((g) => g.id === view.game)?.name ?? view.game}</span>
            <span class="muted">{formatWords[view.format] ?? view.format}</span>
            {view.run !== null && <span class="muted">run <span class="mono">{view.run}</span></span>}
          </p>
        </div>
      </section>
      <dl class="stats">
        <Stat label="Games" value={count(view.games)} note={speed === undefined ? `${plural(view.pairs, 'pair')}` : `${plural(view.pairs, 'pair')}, ${compact(speed)} a minute`} />
        <Stat label="Players" value={count(view.players.length + view.omitted)} note={`${plural(view.crosstable.length, 'meeting')}`} />
        <Stat label="Distinct games" value={count(view.distinctGames)} note={view.games === 0 ? '' : `${percent(view.distinctGames / view.games)} of all`} />
        <Stat label="Distinct openings" value={count(view.distinctOpenings)} note="each with sides swapped" />
        <Stat label="First mover" value={percent(view.firstPlayer.games === 0 ? undefined : view.firstPlayer.points / view.firstPlayer.games, 1)} note="of the points" />
        <Stat label="Failures" value={count(view.faults.reduce((sum, fault) => sum + fault.games, 0))} note="games lost by fault" />
      </dl>
      {view.games === 0 ? <div class="card"><p class="muted">No whole pair of games yet: the figures come with the first.</p></div> : (
        <>
          {view.sprt !== null && sides !== undefined && <Gauge sprt={view.sprt} a={view.players[sides.a].name} b={view.players[sides.b].name} />}
          <Ratings view={view} />
          <Crosstable view={view} chosen={chosen} onChoose={(next) => setPlayers([view.players[next.row].name, view.players[next.column].name])} />
          <div class="tournament-columns">
            <Games client={client} view={view} players={players} onPlayers={setPlayers} />
            <div class="stack">
              {couple !== undefined && <MeetingCard view={view} couple={couple} />}
              <Endings view={view} />
            </div>
          </div>
        </>
      )}
    </div>
  );
}

function Stat({ label, value, note }: { label: string; value: string; note: string }) {
  return <div class="stat"><dt>{label}</dt><dd>{value}<span class="small muted">{note}</span></dd></div>;
}

function Ratings({ view }: { view: TournamentView }) {
  return (
    <section class="card stack" aria-labelledby="ratings-title">
      <header class="spread"><h2 id="ratings-title">Ratings</h2><span class="small muted">dots with 95 % intervals</span></header>
      <RatingPlot players={view.players} />
      <div class="table-scroll" tabIndex={0} role="region" aria-labelledby="ratings-title">
        <table class="standing">
          <thead>
            <tr>
              <th scope="col">#</th><th scope="col">Player</th><th scope="col">Elo (95 %)</th><th scope="col"><abbr title="Likelihood of being stronger than the player below">LOS</abbr></th><th scope="col">Games</th>
              <th scope="col">Points</th><th scope="col">Score</th><th scope="col">Won</th><th scope="col">Drawn</th><th scope="col">Lost</th><th scope="col">Failures</th>
            </tr>
          </thead>
          <tbody>
            {view.players.map((player, i) => (
              <tr key={player.name}>
                <td>{i + 1}</td>
                <th scope="row" title={player.agent}>{player.name}</th>
                <td>{eloText(player.elo, player.error)}</td>
                <td>{percent(view.los[i]?.[i + 1] ?? undefined, 1)}</td>
                <td>{count(player.games)}</td>
                <td>{points(player.points)}</td>
                <td>{percent(player.games === 0 ? undefined : player.points / player.games, 1)}</td>
                <td>{count(player.wins)}</td><td>{count(player.draws)}</td><td>{count(player.losses)}</td>
                <td>{count(player.faults)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ul class="remarks small muted">{remarks(view).map((line) => <li key={line}>{line}</li>)}</ul>
    </section>
  );
}

function Endings({ view }: { view: TournamentView }) {
  return (
    <section class="card stack" aria-labelledby="endings-title">
      <header><h2 id="endings-title">How games ended</h2></header>
      <dl class="facts number">
        {[...view.ends].sort((a, b) => b.games - a.games).map(({ end, games }) => <div key={end}><dt>{endText(end)}</dt><dd>{count(games)}</dd></div>)}
      </dl>
      {view.faults.length > 0 && (
        <>
          <h3>Failures</h3>
          <ul class="faults">
            {view.faults.map((fault) => (
              <li key={`${fault.player} ${fault.end}`}><strong>{fault.player}</strong> lost {plural(fault.games, 'game')}: {endText(fault.end)}<p class="small muted">{fault.message}</p></li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
