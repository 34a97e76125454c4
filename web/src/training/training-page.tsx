/** Watch an agent learn: the run's state, its curves, its games against itself, its checkpoints. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { CheckpointView, Series, TrainingStatus } from '#arena/protocol';
import '../styles/training.css';
import type { Client } from '../app/client.js';
import { makeRoute } from '../app/router.js';
import type { AppState } from '../app/state.js';
import { useStore } from '../app/store.js';
import { Segments } from '../ui/controls.js';
import { compact, count, duration, signed } from '../ui/format.js';
import { PauseIcon, PlayIcon } from '../ui/icons.js';
import { Checkpoints } from './checkpoints.js';
import { Compare, Differences, type Compared } from './compare.js';
import { axes, axisNames, plotsOf, type Axis } from './curves.js';
import { RatingListCard } from '../tournaments/rating-list.js';
import { Diagnosis } from './diagnosis.js';
import { LiveBoard } from './live-board.js';
import { Plot } from './plot.js';
import { Settings } from './settings.js';

export function TrainingPage({ client }: { client: Client }) {
  const training = useStore(client.store, (s: AppState) => s.training);
  const connection = useStore(client.store, (s: AppState) => s.connection);
  const games = useStore(client.store, (s: AppState) => s.games);
  const [axis, setAxis] = useState<Axis>('elapsed');
  const [more, setMore] = useState(false);
  useEffect(() => client.watch('training'), []);
  const { status, series, checkpoints, board } = training;
  const [compared, setCompared] = useState<readonly Compared[]>([]);
  // Learnt from rewards: frames instead of positions, no board of its own.
  const ofFrames = series.has('return') || series.has('rate.frames');
  const game = games.find((g) => g.id === status?.game);
  const seats = game?.seats ?? (ofFrames ? 1 : 2);
  const plots = useMemo(() => plotsOf(series, checkpoints, axis, compared, seats), [series, checkpoints, axis, compared, seats]);

  if (status === undefined) {
    if (connection !== 'open') return <p class="muted" role="status">Waiting for the server …</p>;
    return (
      <section class="empty">
        <h1>No training run yet</h1>
        <p>Start one in a terminal, and its curves, games and checkpoints appear here while it runs:</p>
        <p><code>npm start</code> trains Connect Four, or <code>ludus train tic-tac-toe</code> in another folder.</p>
        <a class="button" href={makeRoute({ page: 'home' })}>Play something meanwhile</a>
      </section>
    );
  }
  const gameName = game?.name ?? status.game;
  const strength = checkpoints.findLast((c) => c.rating !== null)?.rating ?? null;
  return (
    <div class="stack training">
      <RunHeader status={status} gameName={gameName} onPause={(pause) => client.pauseTraining(pause)} online={connection === 'open'} />
      {!ofFrames ? <Numbers status={status} strength={strength} />
        : <TaskNumbers status={status} first={seats === 2 ? ratingStat(strength) : returnStat(series.get('return'))} />}
      <div class={ofFrames ? 'stack' : 'training-columns'}>
        <div class="stack">
          <div class="spread">
            <h2>How it is learning</h2>
            <Segments legend="Along the bottom" hideLegend small value={axis} choices={axes.map((value) => ({ value, label: axisNames[value] }))} onChange={setAxis} />
          </div>
          <Compare client={client} game={status.game} compared={compared} onChange={setCompared} />
          {plots.main.length === 0
            ? <div class="card"><p class="muted">{training.loaded ? 'No figures yet: the first come after some seconds of training.' : 'Loading the curves …'}</p></div>
            : <div class="plots">{plots.main.map((spec) => <Plot key={spec.id} spec={spec} axis={axis} />)}</div>}
          {plots.more.length > 0 && (
            <div class="stack">
              <div><button type="button" class="button" aria-expanded={more} onClick={() => setMore(!more)}>{more ? 'Fewer curves' : `More curves (${plots.more.length})`}</button></div>
              {more && <div class="plots">{plots.more.map((spec) => <Plot key={spec.id} spec={spec} axis={axis} />)}</div>}
            </div>
          )}
        </div>
        {!ofFrames && <LiveBoard board={board} running={status.state === 'running'} />}
      </div>
      <Differences own={status.run} settings={training.settings} compared={compared} />
      <Diagnosis client={client} step={status.step} />
      <Checkpoints checkpoints={checkpoints} game={status.game} seats={seats} />
      {training.ratings !== undefined && <RatingListCard list={training.ratings} />}
      <Settings settings={training.settings} />
    </div>
  );
}

const stateWords: Record<TrainingStatus['state'], string> = { starting: 'Starting', running: 'Training', paused: 'Paused', stopped: 'Finished', error: 'Stopped by an error' };

function RunHeader({ status, gameName, onPause, online }: { status: TrainingStatus; gameName: string; onPause: (pause: boolean) => void; online: boolean }) {
  const { state } = status;
  const done = status.goal === null || status.goal <= 0 ? undefined : Math.min(1, status.elapsed / status.goal);
  return (
    <section class="run">
      <div>
        <h1>{gameName}</h1>
        <p class="row run-state">
          <span class={`chip state-${state}`}>{state === 'running' ? <span class="pulse" aria-hidden="true" /> : null}{stateWords[state]}</span>
          <span class="number">{duration(status.elapsed)}{status.goal !== null && ` of ${duration(status.goal)}`}</span>
          <span class="muted">run <span class="mono">{status.run}</span></span>
          {status.yielding && <span class="muted">waiting while somebody’s move is searched</span>}
        </p>
        {status.reason !== null && <p class={state === 'error' ? 'problem' : 'muted'}>{status.reason}</p>}
      </div>
      {(state === 'running' || state === 'paused') && (
        <button type="button" class="button" disabled={!online} onClick={() => onPause(state === 'running')}>{state === 'running' ? <><PauseIcon />Pause training</> : <><PlayIcon />Resume training</>}</button>
      )}
      {done !== undefined && <progress value={done} max="1" aria-label="Share of the planned training time" />}
    </section>
  );
}

interface Stat { readonly label: string; readonly value: string; readonly note: string }
type Strength = NonNullable<CheckpointView['rating']>;

function ratingStat(strength: Strength | null): Stat {
  if (strength === null) return { label: 'Rating', value: compact(undefined), note: 'no checkpoint measured yet' };
  return { label: 'Rating', value: signed(strength.elo, 0), note: `± ${count(strength.error)}, against ${strength.against}` };
}

function returnStat(score: Series | undefined): Stat {
  const error = score?.errors?.at(-1);
  return { label: 'Return', value: score === undefined ? compact(undefined) : (score.values.at(-1) ?? 0).toFixed(2), note: error === undefined ? 'last 100 episodes' : `± ${error.toFixed(2)}, last 100 episodes` };
}

function Numbers({ status, strength }: { status: TrainingStatus; strength: Strength | null }) {
  const stats: Stat[] = [
    { label: 'Games', value: count(status.games), note: status.gamesPerSecond === null ? '' : `${compact(status.gamesPerSecond)} a second` },
    { label: 'Positions', value: compact(status.positions), note: status.positionsPerSecond === null ? '' : `${compact(status.positionsPerSecond)} a second` },
    { label: 'Evaluations a second', value: compact(status.evaluationsPerSecond ?? undefined), note: 'by the network' },
    { label: 'Training steps', value: count(status.step), note: status.stepsPerSecond === null ? '' : `${compact(status.stepsPerSecond)} a second` },
    { label: 'Replay window', value: compact(status.window ?? undefined), note: status.reuse === null ? 'positions' : `positions, each used ${status.reuse.toFixed(1)} times` },
    strength === null
      ? { label: 'Loss', value: status.losses.total === undefined ? compact(undefined) : status.losses.total.toFixed(3), note: 'policy and value' }
      : ratingStat(strength),
  ];
  return <Stats stats={stats} />;
}

/** Of what is learnt from rewards: episodes and frames instead of games and positions. */
function TaskNumbers({ status, first }: { status: TrainingStatus; first: Stat }) {
  return (
    <Stats stats={[
      first,
      { label: 'Episodes', value: count(status.games), note: status.gamesPerSecond === null ? '' : `${compact(status.gamesPerSecond)} a second` },
      { label: 'Frames', value: compact(status.positions), note: status.positionsPerSecond === null ? '' : `${compact(status.positionsPerSecond)} a second` },
      { label: 'Training steps', value: count(status.step), note: status.stepsPerSecond === null ? '' : `${compact(status.stepsPerSecond)} a second` },
    ]} />
  );
}

function Stats({ stats }: { stats: readonly Stat[] }) {
  return (
    <dl class="stats">
      {stats.map((stat) => (
        <div class="stat" key={stat.label}><dt>{stat.label}</dt><dd>{stat.value}<span class="small muted">{stat.note}</span></dd></div>
      ))}
    </dl>
  );
}
