/** The log-likelihood ratio of an SPRT between its bounds. */
import type { TournamentSprt } from '#arena/protocol';
import { count, signed } from '../ui/format.js';
import { placeOn, verdict } from './figures.js';

export function Gauge({ sprt, a, b }: { sprt: TournamentSprt; a: string; b: string }) {
  const { llr, lower, upper, elo0, elo1, alpha, beta, model, pairs, state } = sprt;
  const at = (value: number) => `${placeOn({ low: lower, high: upper }, value).toFixed(2)}%`;
  const from = placeOn({ low: lower, high: upper }, Math.min(0, llr ?? 0));
  const to = placeOn({ low: lower, high: upper }, Math.max(0, llr ?? 0));
  return (
    <section class="card stack" aria-labelledby="gauge-title">
      <header class="spread">
        <h2 id="gauge-title">Sequential test</h2>
        <span class={`chip ${state === 'H1' ? 'win' : state === 'H0' ? 'loss' : ''}`}>{state === 'continue' ? 'Not decided' : `${state} accepted`}</span>
      </header>
      <div class="gauge" role="meter" aria-label="Log-likelihood ratio" aria-valuemin={Number(lower.toFixed(2))} aria-valuemax={Number(upper.toFixed(2))}
        aria-valuenow={Number(Math.max(lower, Math.min(upper, llr ?? 0)).toFixed(2))} aria-valuetext={llr === null ? 'no pair yet' : `${llr.toFixed(2)}, between ${lower.toFixed(2)} and ${upper.toFixed(2)}`}>
        <div class="gauge-track">
          <i class="gauge-fill" style={{ left: `${from.toFixed(2)}%`, width: `${(to - from).toFixed(2)}%` }} />
          <i class="gauge-zero" style={{ left: at(0) }} />
          {llr !== null && <i class="gauge-needle" style={{ left: at(llr) }} />}
        </div>
        <div class="spread small number"><span><strong>H0</strong> {signed(lower)}</span><span class="gauge-value">LLR {llr === null ? '–' : signed(llr)}</span><span>{signed(upper)} <strong>H1</strong></span></div>
      </div>
      <p><strong>{verdict(sprt, a, b)}.</strong></p>
      <p class="small muted number">[{elo0}, {elo1}] {model === 'normalized' ? 'normalised' : model}, α {alpha}, β {beta}, after {count(pairs)} pairs.</p>
    </section>
  );
}
