/** What is wrong with the run, and what to change: the checks of `ludus diagnose`, asked for by a button. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { DiagnosisView } from '#arena/protocol';
import type { Client } from '../app/client.js';
import type { AppState } from '../app/state.js';
import { useStore } from '../app/store.js';
import { count } from '../ui/format.js';
import { FailIcon, PassIcon, UnknownIcon, WarnIcon } from '../ui/icons.js';
import { byLevel, summaryOf, type Level } from './findings.js';

const icons: Record<Level, ComponentChildren> = { ok: <PassIcon />, warning: <WarnIcon />, problem: <FailIcon />, unknown: <UnknownIcon /> };
const words: Record<Level, string> = { ok: 'Pass', warning: 'Warning', problem: 'Problem', unknown: 'Too little to tell' };

export function Diagnosis({ client, step }: { client: Client; /** Of the run now. */ step: number }) {
  const { diagnosis, diagnosing } = useStore(client.store, (s: AppState) => s.training);
  const online = useStore(client.store, (s: AppState) => s.connection) === 'open';
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<string>();

  async function ask(): Promise<void> {
    setAsked(true);
    setProblem(undefined);
    const refused = await client.diagnose();
    setAsked(false);
    setProblem(refused?.refused);
  }

  const busy = asked || diagnosing !== undefined;
  const share = Math.round(100 * (diagnosing?.share ?? 0));
  return (
    <section class="card" aria-labelledby="diagnosis-title">
      <header>
        <h2 id="diagnosis-title">Diagnosis</h2>
        {/* Never disabled while it works: that would take the focus from who pressed it. */}
        <button type="button" class="button" aria-disabled={busy || !online} onClick={() => { if (!busy && online) void ask(); }}>{busy ? 'Diagnosing …' : diagnosis === undefined ? 'Diagnose' : 'Diagnose again'}</button>
      </header>
      <div class="stack">
        {busy && (
          <div class="diagnosing">
            <progress value={share} max="100" aria-label="Share of the checks that is done" />
            <span class="small muted">{diagnosing === undefined ? 'Starting …' : `${share} %: ${diagnosing.what}`}</span>
          </div>
        )}
        <p role="status" class={diagnosis === undefined || busy ? 'unseen' : undefined}>{busy ? 'The run is being diagnosed.' : diagnosis === undefined ? '' : summaryOf(diagnosis)}</p>
        {problem !== undefined && <p class="problem" role="alert">{problem}</p>}
        {diagnosis === undefined
          ? !busy && <p class="muted">Looks at the newest checkpoint, the newest games and the metrics: can the network learn, are values right, has the policy collapsed, is the replay stale, does a thread wait for work? Takes half a minute or so beside the training; nothing in the run changes.</p>
          : <Findings diagnosis={diagnosis} step={step} />}
      </div>
    </section>
  );
}

function Findings({ diagnosis, step }: { diagnosis: DiagnosisView; step: number }) {
  return (
    <>
      <p class="small muted">Of the checkpoint at step {count(diagnosis.step)}{step > diagnosis.step && `; the run is at step ${count(step)} now`}. Looked at in {diagnosis.seconds.toFixed(diagnosis.seconds < 10 ? 1 : 0)} s.</p>
      <ul class="findings">
        {byLevel(diagnosis.findings).map(({ check, title, level, measured, threshold, meaning, change }) => (
          <li key={check}>
            <span class={`verdict verdict-${level}`}>{icons[level]}{words[level]}</span>
            <div>
              <h3>{title}</h3>
              <p>{meaning}</p>
              <dl>
                <div><dt>Measured</dt><dd>{measured}</dd></div>
                <div><dt>Wanted</dt><dd>{threshold}</dd></div>
                {change !== undefined && <div><dt>Change</dt><dd>{change}</dd></div>}
              </dl>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
