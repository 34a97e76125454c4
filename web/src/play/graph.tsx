/** The value over the game as a line, with a slider below that seeks to any position. */
import { useId } from 'preact/hooks';
import { signed } from '../ui/format.js';
import type { GraphPoint } from './insight.js';

const WIDTH = 360;
const HEIGHT = 84;

export function GameGraph({ points, plies, ply, names, onSeek }: { points: readonly GraphPoint[]; plies: number; ply: number; names: readonly [string, string]; onSeek: (ply: number) => void }) {
  const id = useId();
  const last = Math.max(1, plies);
  const x = (at: number) => (at / last) * WIDTH;
  const y = (value: number) => HEIGHT / 2 - value * (HEIGHT / 2 - 6);
  const line = points.map((p, i) => `${i === 0 ? 'M' : 'L'}${x(p.ply).toFixed(1)} ${y(p.value).toFixed(1)}`).join('');
  const here = points.findLast((p) => p.ply <= ply);
  return (
    <div class="graph">
      <svg viewBox={`0 -2 ${WIDTH} ${HEIGHT + 4}`} preserveAspectRatio="none" aria-hidden="true" onClick={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        onSeek(Math.round(((event.clientX - box.left) / box.width) * last));
      }}>
        <rect class="graph-first" x="0" y="0" width={WIDTH} height={HEIGHT / 2} />
        <rect class="graph-second" x="0" y={HEIGHT / 2} width={WIDTH} height={HEIGHT / 2} />
        <path class="graph-zero" d={`M0 ${HEIGHT / 2}H${WIDTH}`} />
        <path class="graph-here" d={`M${x(ply)} 0V${HEIGHT}`} />
        <path class="graph-line" d={line} />
        {points.map((p) => <path key={p.ply} class="graph-dot" d={`M${x(p.ply)} ${y(p.value)}h0.01`} />)}
      </svg>
      <div class="graph-names small muted" aria-hidden="true"><span>{names[0]} ahead</span><span>{names[1]} ahead</span></div>
      <label class="unseen" for={id}>Position in the game</label>
      <input id={id} type="range" min="0" max={plies} value={ply} onInput={(event) => onSeek(Number(event.currentTarget.value))}
        aria-valuetext={`after ${ply} of ${plies} moves${here === undefined ? '' : `, value ${signed(here.value)} for the first player`}`} />
    </div>
  );
}
