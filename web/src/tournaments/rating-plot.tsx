/** Ratings as dots with their 95 % intervals on one scale, best first. The table beside it holds the same numbers as text. */
import { signed } from '../ui/format.js';
import { eloText, placeOn, ratingScale } from './figures.js';

interface Rated { readonly name: string; readonly elo: number | null; readonly error: number | null }

export function RatingPlot({ players }: { players: readonly Rated[] }) {
  const scale = ratingScale(players);
  if (scale === undefined) return null;
  const at = (value: number) => `${placeOn(scale, value).toFixed(2)}%`;
  const rated = players.filter((player) => player.elo !== null);
  return (
    <div class="rating-plot" role="img" aria-label={`Ratings in Elo with 95 % intervals: ${rated.map((p) => `${p.name} ${eloText(p.elo, p.error)}`).join(', ')}`}>
      {rated.map(({ name, elo, error }) => (
        <div class="rating-row" key={name}>
          <span class="rating-name" title={name}>{name}</span>
          <span class="rating-track">
            {scale.ticks.map((tick) => <i class={tick === 0 ? 'tick zero' : 'tick'} key={tick} style={{ left: at(tick) }} />)}
            {elo !== null && error !== null && error > 0 && <i class="whisker" style={{ left: at(elo - error), width: `${(placeOn(scale, elo + error) - placeOn(scale, elo - error)).toFixed(2)}%` }} />}
            {elo !== null && <i class={error === 0 ? 'dot fixed' : 'dot'} style={{ left: at(elo) }} />}
          </span>
        </div>
      ))}
      <div class="rating-row axis">
        <span class="rating-name">Elo</span>
        <span class="rating-track number">{scale.ticks.map((tick) => <span key={tick} style={{ left: at(tick) }}>{signed(tick, 0)}</span>)}</span>
      </div>
    </div>
  );
}
