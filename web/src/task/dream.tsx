/** What a learned model imagines of the steps that were taken, beside what came: while one watches it play, or looks back. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { DreamLegend, DreamTable, StepPlot } from '../play/dream.js';
import { dreamOf } from '../play/insight.js';
import type { Imagined } from '../thinker/messages.js';
import { plural } from '../ui/format.js';
import { rolloutOf, type Rollout } from './rollout.js';
import type { Session } from './session.js';

/** Asks the model; `seen` as `dreamAlong` takes it. */
export type AskDream = (seen: Float32Array, actions: readonly number[]) => Promise<Imagined>;

/** Between two dreams while the episode goes on [ms]: the thread that dreams is the one that plays. */
const PAUSE = 400;

interface Dreamt { readonly rollout: Rollout; readonly imagined: Imagined }

export function TaskDream({ session, name, ask }: { session: Session; name: string; ask: AskDream }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="tree-fold" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>The model’s dream</summary>
      {open && <Dream session={session} name={name} ask={ask} />}
    </details>
  );
}

/** The newest dream that is to be had; the next begins when one has come, and not at once. */
function useDream(session: Session, ask: AskDream): { readonly dreamt: Dreamt | undefined; readonly problem: string | undefined } {
  const [dreamt, setDreamt] = useState<Dreamt>();
  const [problem, setProblem] = useState<string>();
  const latest = useRef({ session, ask });
  latest.current = { session, ask };
  useEffect(() => {
    let here = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let key = '';
    const look = async (): Promise<void> => {
      const now = latest.current;
      const { episode, cursor } = now.session;
      const next = `${episode.seed} ${cursor} ${Math.min(episode.steps, cursor + 64)}`;
      if (next !== key) {
        key = next;
        const rollout = rolloutOf(now.session);
        try {
          const imagined = rollout === undefined ? undefined : await now.ask(rollout.seen, rollout.actions);
          if (!here) return;
          setProblem(undefined);
          setDreamt(rollout === undefined || imagined === undefined ? undefined : { rollout, imagined });
        } catch (error) {
          if (!here) return;
          setProblem(error instanceof Error ? error.message : String(error));
        }
      }
      timer = setTimeout(() => void look(), PAUSE);
    };
    void look();
    return () => {
      here = false;
      clearTimeout(timer);
    };
  }, []);
  return { dreamt, problem };
}

function Dream({ session, name, ask }: { session: Session; name: string; ask: AskDream }) {
  const { dreamt, problem } = useDream(session, ask);
  if (problem !== undefined) return <p class="problem small" role="alert">{problem}</p>;
  if (dreamt === undefined) return <p class="muted small">{session.episode.steps === 0 ? 'There is nothing to dream of before the first step.' : 'Dreaming …'}</p>;
  const { rollout: { from, actions, names, rewards, over }, imagined } = dreamt;
  const steps = imagined.steps.map((step, i) => ({ ...step, action: actions[i], name: names[i], realReward: rewards[i], seenValue: over && i === actions.length - 1 ? 0 : step.seenValue }));
  const dream = dreamOf({ turn: 0, value: imagined.value, steps });
  return (
    <div class="dream">
      <p class="small">
        {name} saw step {from}, then imagined the {plural(actions.length, 'step')} that followed without looking again.
        {' '}Its values are off by {dream.valueGap.toFixed(2)} on average, its rewards by {dream.rewardGap.toFixed(2)}.
      </p>
      <DreamLegend />
      <StepPlot title="Value" fitted rows={dream.rows} imagined={(row) => row.value} real={(row) => row.seenValue} />
      <StepPlot title="Reward" fitted rows={dream.rows.slice(1)} imagined={(row) => row.reward} real={(row) => row.realReward} />
      <details>
        <summary>As a table</summary>
        <DreamTable rows={dream.rows} of="Action" />
      </details>
    </div>
  );
}
