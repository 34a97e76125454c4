/** A task of one player: played by keys or thumbs, or watched, wholly in this browser. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Game } from '#engine';
import { loadGame } from '#games';
import type { AgentView } from '#arena/protocol';
import '../styles/task.css';
import type { Client } from '../app/client.js';
import { makeRoute } from '../app/router.js';
import type { AppState } from '../app/state.js';
import { useStore } from '../app/store.js';
import { createThinker, type Thinker } from '../thinker/thinker.js';
import type { Loading } from '../thinker/messages.js';
import { Segments, Select } from '../ui/controls.js';
import { FirstIcon, LastIcon, LeftIcon, NewIcon, PauseIcon, PlayIcon, RightIcon } from '../ui/icons.js';
import { howToPlay } from './actions.js';
import { TaskDream, type AskDream } from './dream.js';
import { taskOf, type TaskInfo } from './list.js';
import { Pad } from './pad.js';
import { Decision, Figures, Legend, Scrubber } from './panel.js';
import { Screen } from './screen.js';
import { Session } from './session.js';

export function TaskPage({ client, gameId }: { client: Client; gameId: string }) {
  const task = taskOf(gameId);
  const [game, setGame] = useState<Game>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    if (task !== undefined) loadGame(task.id).then(setGame, (error: Error) => setProblem(error.message));
  }, [task]);
  if (task === undefined) return <section class="empty"><h1>No such task here</h1><p>There is no task “{gameId}”.</p><a class="button primary" href={makeRoute({ page: 'home' })}>See what there is</a></section>;
  if (problem !== undefined) return <p class="problem" role="alert">{problem}</p>;
  return game === undefined ? <p class="muted" role="status">Loading the rules …</p> : <TaskView client={client} task={task} game={game} />;
}

/** Steps a second that one can choose. */
const SPEEDS = [1, 2, 4, 6, 8, 12, 15, 20, 30, 60, 120, 240] as const;

function newSeed(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A session that redraws its component, and its clock. */
function useSession(game: Game, task: TaskInfo, speed: number): Session {
  const [, redraw] = useState(0);
  const session = useMemo(() => new Session(game, task, newSeed(), () => redraw((n) => n + 1)), [game, task]);
  const rate = useRef(speed);
  rate.current = speed;
  useEffect(() => {
    let frame = 0;
    let last = performance.now();
    let owed = 0;
    const tick = (now: number) => {
      // A page that was in the background owes nothing.
      owed = session.playing ? Math.min(owed + ((now - last) / 1000) * rate.current, 8) : 0;
      last = now;
      for (; owed >= 1; owed--) void session.step();
      frame = requestAnimationFrame(tick);
    };
    frame = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(frame);
  }, [session]);
  return session;
}

function TaskView({ client, task, game }: { client: Client; task: TaskInfo; game: Game }) {
  const [speed, setSpeed] = useState(task.speed);
  const session = useSession(game, task, speed);
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const { episode, cursor, driver, playing, over } = session;
  const total = episode.returns[episode.steps];
  const yours = driver.kind === 'you';
  return (
    <div class="task">
      <div class="stack task-main">
        <div>
          <h1>{task.name}</h1>
          <p class="muted">{task.line} {yours && <>Play with the {howToPlay(task)}, or the buttons below{task.idle === undefined ? '; time stands still while you think' : ''}.</>}</p>
        </div>
        <Screen session={session} cursor={cursor} hidden={hidden} label={`${task.name}. ${yours ? `Your keys: ${howToPlay(task)}.` : 'The agent plays.'}`} />
        <div class="task-status">
          <p class="status-text">{over ? `Over after ${episode.steps} steps: return ${total}${episode.truncated ? ', cut by the time limit' : ''}` : !session.live ? 'Looking back' : playing ? (yours ? 'Playing' : 'The agent plays') : episode.steps === 0 ? (yours ? 'Press a key or a button to begin' : 'Ready') : 'Paused'}</p>
          <Announcer session={session} />
        </div>
        <div class="toolbar task-tools" role="toolbar" aria-label="Episode">
          {over
            ? <button type="button" class="button primary wide" onClick={() => session.restart(newSeed())}><NewIcon />Play again</button>
            : <button type="button" class="button primary wide" onClick={() => session.play(!playing)}>{playing ? <><PauseIcon />Pause</> : <><PlayIcon />{yours && session.live ? 'Run' : 'Play'}</>}</button>}
          {!over && <button type="button" class="button wide" onClick={() => session.restart(newSeed())}><NewIcon />New episode</button>}
          <button type="button" class="button" aria-label="First step" disabled={cursor === 0} onClick={() => session.seek(0)}><FirstIcon /></button>
          <button type="button" class="button" aria-label="One step back" disabled={cursor === 0} onClick={() => session.seek(cursor - 1)}><LeftIcon /></button>
          <button type="button" class="button" aria-label="One step on" disabled={over || (session.live && yours && task.idle === undefined)} onClick={() => { session.play(false); void session.step(); }}><RightIcon /></button>
          <button type="button" class="button" aria-label="Newest step" disabled={session.live} onClick={() => session.seek(episode.steps)}><LastIcon /></button>
        </div>
        {yours && <Pad session={session} disabled={over} />}
        <label class="slider task-speed">
          <span class="spread small"><span class="label">Speed</span><span class="number">{speed} steps a second</span></span>
          <input type="range" min="0" max={SPEEDS.length - 1} value={SPEEDS.findIndex((s) => s >= speed)} aria-valuetext={`${speed} steps a second`} onInput={(event) => setSpeed(SPEEDS[Number(event.currentTarget.value)])} />
        </label>
      </div>
      <div class="stack">
        <section class="card" aria-labelledby="episode-title">
          <header><h2 id="episode-title">Episode</h2></header>
          <div class="stack"><Figures session={session} /><Scrubber session={session} /></div>
        </section>
        <Watch client={client} session={session} />
        <Legend session={session} hidden={hidden} onToggle={(channel) => setHidden((before) => toggled(before, channel))} />
        <details class="card">
          <summary>As text</summary>
          <pre class="task-text" tabIndex={0} aria-label="The task as text">{game.render?.(episode.position(cursor)) ?? ''}</pre>
        </details>
      </div>
    </div>
  );
}

function toggled(set: ReadonlySet<number>, entry: number): ReadonlySet<number> {
  const next = new Set(set);
  if (!next.delete(entry)) next.add(entry);
  return next;
}

/** Says rewards and ends aloud, at most one sentence a second. */
function Announcer({ session }: { session: Session }) {
  const { episode, over } = session;
  const [said, say] = useState('');
  const spoken = useRef({ time: 0, total: 0 });
  const total = episode.returns[episode.steps];
  useEffect(() => {
    if (over) return say(`The episode is over after ${episode.steps} steps. Return ${total}.`);
    const now = performance.now();
    if (total === spoken.current.total || now - spoken.current.time < 1000) return;
    spoken.current = { time: now, total };
    say(`Return ${total}.`);
  }, [total, over]);
  return <p class="unseen" role="status" aria-live="polite" data-testid="announcer">{said}</p>;
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/** Who acts: oneself, chance, or a checkpoint's network, which runs in this browser. */
function Watch({ client, session }: { client: Client; session: Session }) {
  const agents = useStore(client.store, (s: AppState) => s.agents);
  const networks = agents.filter((agent) => agent.game === session.game.id && client.modelUrl(agent) !== undefined);
  const [chosen, setChosen] = useState<string>();
  const [greedy, setGreedy] = useState(true);
  const [loading, setLoading] = useState<Loading>();
  const thinker = useRef<Thinker>();
  useEffect(() => () => thinker.current?.close(), []);

  async function watch(agent: AgentView, best: boolean): Promise<void> {
    const url = client.modelUrl(agent);
    if (url === undefined) return;
    const answers = await client.modelAnswers(agent);
    const ask = async (planes: Float32Array) => {
      thinker.current ??= createThinker();
      const answer = await thinker.current.evaluate(session.game.id, url, planes, { onLoading: setLoading });
      setLoading(undefined);
      return answer;
    };
    session.drive({ kind: 'network', network: { name: agent.name, answers, ask }, greedy: best });
  }

  /** Who can be asked what it imagines: agents that learned a model. */
  function dreamerOf(agent: AgentView | undefined): { readonly agent: AgentView; readonly ask: AskDream } | undefined {
    const [model, dynamics] = agent === undefined ? [] : [client.modelUrl(agent), client.dynamicsUrl(agent)];
    if (agent === undefined || model === undefined || dynamics === undefined) return undefined;
    return { agent, ask: (seen, actions) => (thinker.current ??= createThinker()).dream(session.game.id, model, dynamics, seen, actions) };
  }

  async function choose(kind: 'you' | 'random' | 'network'): Promise<void> {
    if (kind !== 'network') session.drive({ kind });
    else await watch(networks.find((a) => a.id === chosen) ?? networks[0], greedy);
    if (kind !== 'you') session.play(true);
    else session.play(false);
  }

  const { driver } = session;
  const dreamer = driver.kind === 'network' ? dreamerOf(networks.find((a) => a.id === (chosen ?? networks[0]?.id))) : undefined;
  return (
    <section class="card" aria-labelledby="watch-title">
      <header><h2 id="watch-title">Who plays</h2></header>
      <div class="stack">
        <Segments legend="Who plays" hideLegend small wide value={driver.kind} onChange={(kind) => void choose(kind)}
          choices={[{ value: 'you', label: 'You' }, { value: 'random', label: 'Random' }, { value: 'network', label: 'Network', disabled: networks.length === 0 }]} />
        {networks.length === 0 && <p class="small muted">No network for this task here yet. <code>ludus train {session.game.id}</code> makes one, and this page then shows it play.</p>}
        {driver.kind === 'network' && (
          <>
            <Select label="Checkpoint" value={chosen ?? networks[0]?.id ?? ''} onChange={(id) => { setChosen(id); const agent = networks.find((a) => a.id === id); if (agent !== undefined) void watch(agent, greedy); }}>
              {networks.map((agent) => <option key={agent.id} value={agent.id}>{agent.name}</option>)}
            </Select>
            {driver.network.answers === 'policy' && (
              <Segments legend="It plays" small value={greedy ? 'best' : 'drawn'} choices={[{ value: 'best', label: 'the likeliest action' }, { value: 'drawn', label: 'by its odds' }]}
                onChange={(value) => { setGreedy(value === 'best'); const agent = networks.find((a) => a.id === (chosen ?? networks[0]?.id)); if (agent !== undefined) void watch(agent, value === 'best'); }} />
            )}
            {loading !== undefined && <p class="small muted" role="status">Fetching the {loading.what === 'runtime' ? 'runtime (once, then kept)' : 'network'}: {megabytes(loading.loaded)}{loading.total > 0 && ` of ${megabytes(loading.total)}`}</p>}
            {session.problem !== undefined && <p class="problem" role="alert">{session.problem}</p>}
          </>
        )}
        <Decision session={session} />
        {dreamer !== undefined && <TaskDream key={dreamer.agent.id} session={session} name={dreamer.agent.name} ask={dreamer.ask} />}
      </div>
    </section>
  );
}
