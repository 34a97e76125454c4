/** The workers of a cluster, what they play, and what went wrong. Looked up every two seconds while it is open. */
import { useEffect, useState } from 'preact/hooks';
import { CLUSTER_PATH, type ClusterView } from '#arena/protocol';
import '../styles/cluster.css';
import { count, plural } from '../ui/format.js';

const LOOK_MILLIS = 2000;

type Looked = { readonly view: ClusterView | null } | { readonly problem: string } | undefined;

async function look(signal: AbortSignal): Promise<Looked> {
  const response = await fetch(CLUSTER_PATH, { signal, headers: { accept: 'application/json' } });
  if (!response.ok) return { problem: response.status === 503 ? 'Redis does not answer; trying again.' : 'The server did not tell; trying again.' };
  return { view: (await response.json()) as ClusterView | null };
}

export function ClusterPage() {
  const [looked, set] = useState<Looked>(undefined);
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const again = async (): Promise<void> => {
      const found = await look(stop.signal).catch(() => ({ problem: 'The server does not answer; trying again.' }));
      if (stop.signal.aborted) return;
      set(found);
      timer = setTimeout(() => void again(), LOOK_MILLIS);
    };
    void again();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, []);
  return (
    <div class="stack cluster">
      <div>
        <h1>Cluster</h1>
        <p class="muted lead">Machines that play for this one, over Redis.</p>
      </div>
      {looked === undefined ? <p class="muted" role="status">Looking for workers …</p> : 'problem' in looked ? <p role="alert">{looked.problem}</p> : looked.view === null ? <HowTo /> : <Cluster view={looked.view} />}
    </div>
  );
}

function Cluster({ view }: { view: ClusterView }) {
  const { works, workers, memory, redis } = view;
  return (
    <>
      {works.map((work) => (
        <section class="card stack" key={work.id}>
          <div class="spread"><h2>{work.title}</h2><span class="chip">{work.state ?? 'no sign of life'}</span></div>
          <dl class="cluster-figures">
            <Figure name="Games a second" value={count(Math.round(work.gamesPerSecond * 10) / 10)} />
            <Figure name="Asked for" value={`${count(work.outstanding)} of ${count(work.limit)}`} />
            <Figure name="Jobs waiting, in work" value={`${count(work.waiting)}, ${count(work.active)}`} />
            {work.step !== null && <Figure name="Weights" value={`step ${count(work.step)}, lag ${count(work.lagSteps)} (${Math.round(work.lagSeconds)} s)`} />}
            <Figure name="Failed, set aside" value={`${count(work.failed)}, ${count(work.quarantined)}`} />
          </dl>
          {work.failures.length > 0 && <ul class="small">{work.failures.map((failure, i) => <li key={i}>{failure}</li>)}</ul>}
        </section>
      ))}
      <section class="card stack">
        <h2 id="workers-title">{plural(workers.length, 'worker')}</h2>
        {workers.length === 0 ? <HowTo /> : (
          <div class="cluster-table" tabIndex={0} role="region" aria-labelledby="workers-title"><table>
            <thead><tr><th scope="col">Worker</th><th scope="col">Threads</th><th scope="col">Device</th><th scope="col">Games a second</th><th scope="col">Weights</th><th scope="col">Failures</th></tr></thead>
            <tbody>{workers.map((worker) => (
              <tr key={worker.id}>
                <th scope="row" class="mono">{worker.id}</th><td class="number">{worker.threads}</td><td>{worker.device}</td><td class="number">{count(Math.round(worker.gamesPerSecond * 10) / 10)}</td>
                <td class="number">{worker.step === null ? '–' : count(worker.step)}</td><td class="number" title={worker.lastFailure ?? undefined}>{count(worker.failures)}</td>
              </tr>
            ))}</tbody>
          </table></div>
        )}
        <p class="small muted">{redis}: {(memory.used / 1e6).toFixed(1)} MB used{memory.limit > 0 && ` of ${(memory.limit / 1e6).toFixed(0)}`}</p>
      </section>
    </>
  );
}

const Figure = ({ name, value }: { name: string; value: string }) => <div><dt class="small muted">{name}</dt><dd class="number">{value}</dd></div>;

function HowTo() {
  return (
    <section class="stack">
      <p>With a Redis that all machines reach, start this one as the coordinator, and a worker on each of the others:</p>
      <p><code>ludus start --redis redis://HOST:6379</code></p>
      <p><code>ludus worker --redis redis://HOST:6379</code></p>
    </section>
  );
}
