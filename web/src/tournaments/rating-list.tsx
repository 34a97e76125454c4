/** The standing list of a run: its checkpoints and their opponents, over all its tournaments. */
import type { RatingList } from '#arena/protocol';
import '../styles/training.css';
import '../styles/tournaments.css';
import { makeRoute } from '../app/router.js';
import { count, percent, plural, signed } from '../ui/format.js';
import { eloText, modelWords } from './figures.js';
import { RatingPlot } from './rating-plot.js';

export function RatingListCard({ list }: { list: RatingList }) {
  const anchors = list.anchors.length === 0 ? 'mean 0' : list.anchors.map(({ name, elo }) => `${name} held at ${elo}`).join(', ');
  return (
    <section class="card stack" aria-labelledby="rating-list-title">
      <header class="spread">
        <h2 id="rating-list-title">Standing rating list</h2>
        <span class="small muted">{plural(list.games, 'game')} of all its tournaments together</span>
      </header>
      <RatingPlot players={list.players} />
      <div class="table-scroll" tabIndex={0} role="region" aria-labelledby="rating-list-title">
        <table class="standing">
          <thead><tr><th scope="col">#</th><th scope="col">Player</th><th scope="col">Elo (95 %)</th><th scope="col">Games</th><th scope="col">Score</th>{list.groups > 1 && <th scope="col">Group</th>}</tr></thead>
          <tbody>
            {list.players.map((player, i) => (
              <tr key={player.name}>
                <td>{i + 1}</td>
                <th scope="row" title={player.agent}>{player.name}</th>
                <td>{eloText(player.elo, player.error)}</td>
                <td>{count(player.games)}</td>
                <td>{percent(player.games === 0 ? undefined : player.points / player.games, 1)}</td>
                {list.groups > 1 && <td>{player.group < 0 ? '' : player.group + 1}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="small muted">
        Ratings by {modelWords[list.model] ?? list.model}{list.virtualDraws > 0 && ` with ${plural(list.virtualDraws, 'virtual draw')} a couple`}, errors by pairs, {anchors}.
        {list.advantage !== null && ` Moving first is worth ${signed(list.advantage, 0)} Elo.`}
      </p>
      {list.tournaments.length > 0 && (
        <ul class="links" aria-label="Its tournaments">
          {list.tournaments.map((t) => <li key={t.id}><a class="button" href={makeRoute({ page: 'tournament', id: t.id })}>{t.name}<span class="muted number">{plural(t.games, 'game')}</span></a></li>)}
        </ul>
      )}
    </section>
  );
}
