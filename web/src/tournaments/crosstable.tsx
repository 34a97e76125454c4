/** Everyone against everyone; each meeting is a button that shows its pairs and its games. */
import type { TournamentView } from '#arena/protocol';
import { count, percent, plural, signed } from '../ui/format.js';
import { meeting, pairCells, points, shareOf } from './figures.js';

/** Places of two players, as the row sees it. */
export interface Couple { readonly row: number; readonly column: number }

export function Crosstable({ view, chosen, onChoose }: { view: TournamentView; chosen: Couple | undefined; onChoose: (couple: Couple) => void }) {
  const { players, crosstable } = view;
  return (
    <section class="card" aria-labelledby="crosstable-title">
      <header><h2 id="crosstable-title">Crosstable</h2><span class="small muted">Share of the points of the row, and its wins–draws–losses. Choose a meeting to see its games.</span></header>
      <div class="table-scroll" tabIndex={0} role="region" aria-labelledby="crosstable-title">
        <table class="crosstable">
          <thead><tr><th scope="col">#</th><th scope="col">Player</th><th scope="col">Points</th>{players.map((player, i) => <th scope="col" key={player.name} title={player.name}><span aria-hidden="true">{i + 1}</span><span class="unseen">against {player.name}</span></th>)}</tr></thead>
          <tbody>
            {players.map((player, row) => (
              <tr key={player.name}>
                <td>{row + 1}</td>
                <th scope="row" title={player.agent}>{player.name}</th>
                <td>{points(player.points)}<span class="muted"> / {count(player.games)}</span></td>
                {players.map((other, column) => {
                  const met = row === column ? undefined : meeting(crosstable, row, column);
                  if (met === undefined) return <td key={other.name} class={row === column ? 'self' : undefined}>{row === column ? '' : <span class="muted">–</span>}</td>;
                  const share = shareOf(met);
                  const record = `${met.wins}–${met.draws}–${met.losses}`;
                  return (
                    <td key={other.name}>
                      <button type="button" class={share > 0.5 ? 'meeting ahead' : share < 0.5 ? 'meeting behind' : 'meeting'} aria-pressed={chosen?.row === row && chosen.column === column} onClick={() => onChoose({ row, column })}>
                        <span class="unseen">{player.name} against {other.name}: </span><strong>{percent(share)}</strong><span class="small">{record}</span>
                      </button>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** One meeting in full: its pairs of games by their two results. */
export function MeetingCard({ view, couple }: { view: TournamentView; couple: Couple }) {
  const met = meeting(view.crosstable, couple.row, couple.column);
  const a = view.players[couple.row]?.name ?? '';
  const b = view.players[couple.column]?.name ?? '';
  const most = met === undefined ? 0 : Math.max(1, ...met.pairs);
  return (
    <section class="card stack" aria-labelledby="meeting-title">
      <header class="meeting-head"><h2 id="meeting-title">{a} <span class="muted">against</span> {b}</h2></header>
      {met === undefined ? <p class="muted">No whole pair yet.</p> : (
        <>
          <dl class="pair-cells">
            {pairCells.map(({ name, words }, i) => (
              <div key={name}>
                <dt><abbr title={`${words}, as ${a} sees it`}>{name}</abbr><span class="small muted">{words}</span></dt>
                <dd class="number"><span class="pair-bar" aria-hidden="true"><i style={{ height: `${((100 * met.pairs[i]) / most).toFixed(1)}%` }} /></span>{count(met.pairs[i])}</dd>
              </div>
            ))}
          </dl>
          <dl class="facts number">
            <div><dt>Wins, draws, losses</dt><dd>{count(met.wins)}, {count(met.draws)}, {count(met.losses)}</dd></div>
            <div><dt>Pairs</dt><dd>{count(met.pairs.reduce((sum, n) => sum + n, 0))}</dd></div>
            <div><dt>Elo difference</dt><dd>{signed(met.elo ?? undefined, 1)}{met.margin !== null && <span class="muted"> ± {met.margin.toFixed(1)}</span>}</dd></div>
            <div><dt>Normalised Elo</dt><dd>{signed(met.nelo ?? undefined, 1)}</dd></div>
            <div><dt>Likely the stronger one</dt><dd>{percent(met.los ?? undefined, 1)}</dd></div>
          </dl>
          {met.elo === null && <p class="small muted">{plural(met.wins + met.draws + met.losses, 'game')} all one way give no finite difference.</p>}
        </>
      )}
    </section>
  );
}
