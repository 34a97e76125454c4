/** Other runs of this machine, laid over this one; and in which settings they differ. */
import { useEffect, useState } from 'preact/hooks';
import type { RunListing, RunSettings } from '#arena/protocol';
import type { Client } from '../app/client.js';
import { compact, duration } from '../ui/format.js';
import type { ComparedRun } from './curves.js';
import { differencesOf } from './differences.js';

/** Curves beyond this are told apart by nobody. */
const MOST = 3;

export interface Compared extends ComparedRun { readonly settings: RunSettings }

export function Compare({ client, game, compared, onChange }: { client: Client; game: string; compared: readonly Compared[]; onChange: (runs: readonly Compared[]) => void }) {
  const [runs, setRuns] = useState<readonly RunListing[]>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    void client.runs().then((answer) => ('refused' in answer ? setProblem(answer.refused) : setRuns(answer)));
  }, []);
  const others = (runs ?? []).filter((run) => !run.live).sort((a, b) => Number(b.game === game) - Number(a.game === game));
  if (problem !== undefined || others.length === 0) return null;

  async function toggle(run: RunListing): Promise<void> {
    if (compared.some((c) => c.id === run.id)) return onChange(compared.filter((c) => c.id !== run.id));
    const answer = await client.runHistory(run.id);
    if ('refused' in answer) return setProblem(answer.refused);
    onChange([...compared, { id: run.id, name: run.name, series: new Map(answer.series.map((s) => [s.name, s])), settings: answer.settings }]);
  }

  return (
    <div class="compare" role="group" aria-label="Compare with other runs">
      <span class="small label">Compare with</span>
      {others.slice(0, 12).map((run) => {
        const on = compared.some((c) => c.id === run.id);
        return (
          <button type="button" key={run.id} class="button" aria-pressed={on} disabled={!on && compared.length >= MOST} onClick={() => void toggle(run)} title={`${run.game}, ${duration(run.elapsed)}, ${compact(run.games)} games`}>
            {run.name}{run.game !== game && <span class="small muted">{run.game}</span>}
          </button>
        );
      })}
    </div>
  );
}

/** The settings in which the runs differ: what one compares them for. */
export function Differences({ own, settings, compared }: { own: string; settings: RunSettings; compared: readonly Compared[] }) {
  const rows = differencesOf([settings, ...compared.map((c) => c.settings)]);
  if (compared.length === 0) return null;
  return (
    <section class="card" aria-labelledby="differences-title">
      <header><h2 id="differences-title">In what they differ</h2></header>
      {rows.length === 0 ? <p class="muted">All settings are the same.</p> : (
        <div class="table-scroll" tabIndex={0} role="region" aria-labelledby="differences-title">
          <table class="differences">
            <thead><tr><th scope="col">Setting</th>{[own, ...compared.map((c) => c.name)].map((name, i) => <th scope="col" key={i}>{name}</th>)}</tr></thead>
            <tbody>{rows.map(({ name, values }) => <tr key={name}><th scope="row" class="mono">{name}</th>{values.map((value, i) => <td key={i} class="number">{value ?? '–'}</td>)}</tr>)}</tbody>
          </table>
        </div>
      )}
    </section>
  );
}
