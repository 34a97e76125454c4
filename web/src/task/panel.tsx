/** Beside the picture: return and rewards, what the agent would do, what the shapes mean. */
import { useId } from 'preact/hooks';
import { percent, signed } from '../ui/format.js';
import { channelsOf, groundOf, type ChannelLook } from './look.js';
import type { Session } from './session.js';

const figure = (value: number) => (Number.isInteger(value) ? String(value).replace('-', '\u2212') : signed(value));

export function Figures({ session }: { session: Session }) {
  const { episode, cursor, best } = session;
  const reward = cursor === 0 ? undefined : episode.rewards[cursor - 1];
  const stats = [
    { label: 'Return', value: figure(episode.returns[cursor]) },
    { label: 'Reward', value: reward === undefined ? '–' : figure(reward) },
    { label: 'Step', value: cursor === episode.steps ? String(cursor) : `${cursor} of ${episode.steps}` },
    { label: 'Your best', value: best === undefined ? '–' : figure(best) },
  ];
  return <dl class="task-figures number">{stats.map(({ label, value }) => <div key={label}><dt>{label}</dt><dd>{value}</dd></div>)}</dl>;
}

const WIDTH = 360;
const HEIGHT = 72;

/** The return over the episode, and the slider that scrubs through it. */
export function Scrubber({ session }: { session: Session }) {
  const id = useId();
  const { episode, cursor } = session;
  const { returns, steps } = episode;
  const last = Math.max(1, steps);
  // A long episode has more steps than the plot has pixels.
  const stride = Math.max(1, Math.floor(steps / WIDTH));
  const shown = returns.filter((_, i) => i % stride === 0 || i === steps);
  const [low, high] = [Math.min(0, ...shown), Math.max(1, ...shown)];
  const y = (value: number) => HEIGHT - 5 - ((value - low) / (high - low)) * (HEIGHT - 10);
  const line = shown.map((value, i) => `${i === 0 ? 'M' : 'L'}${((Math.min(steps, i * stride) / last) * WIDTH).toFixed(1)} ${y(value).toFixed(1)}`).join('');
  const x = (cursor / last) * WIDTH;
  return (
    <div class="scrubber">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true" onClick={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        session.seek(Math.round(((event.clientX - box.left) / box.width) * steps));
      }}>
        <rect class="scrubber-back" width={WIDTH} height={HEIGHT} />
        <path class="graph-line" d={line} />
        <path class="graph-here" d={`M${x} 0V${HEIGHT}`} />
      </svg>
      <label class="unseen" for={id}>Step of the episode</label>
      <input id={id} type="range" min="0" max={steps} value={cursor} disabled={steps === 0} aria-valuetext={`step ${cursor} of ${steps}, return ${figure(returns[cursor])}`} onInput={(event) => session.seek(Number(event.currentTarget.value))} />
    </div>
  );
}

/** The decision at the position that is shown; at the newest, the one that led there. */
export function Decision({ session }: { session: Session }) {
  const { cursor, episode, thoughts, driver } = session;
  const step = cursor < episode.steps ? cursor : cursor - 1;
  const thought = thoughts[step];
  const chosen = episode.actions[step];
  if (step < 0 || chosen === undefined) return <p class="muted">{driver.kind === 'you' ? 'Nothing done yet.' : 'Before its first action.'}</p>;
  if (thought === undefined) return <p>Step {step + 1}: you chose <strong>{session.nameOf(chosen)}</strong>.</p>;
  return (
    <div class="stack decision">
      <table class="moves-table">
        <thead><tr><th scope="col">Action</th><th scope="col">Probability</th>{thought.q !== undefined && <th scope="col" title="Action value: the return it expects">Q</th>}</tr></thead>
        <tbody>
          {thought.probabilities.map((p, action) => (
            <tr key={action} class={action === chosen ? 'best' : undefined}>
              <th scope="row">{session.nameOf(action)}{action === chosen && <span class="tag">taken</span>}</th>
              <td class="bar-cell"><div class="bar visits"><div class="bar-fill" style={{ width: `${(p * 100).toFixed(1)}%` }} /><span>{percent(p)}</span></div></td>
              {thought.q !== undefined && <td class="q">{signed(thought.q[action])}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="small muted number">Step {step + 1}{thought.value !== undefined && thought.q === undefined && <>, value {signed(thought.value)}</>}</p>
    </div>
  );
}

/** What the shapes mean; each channel can be hidden. */
export function Legend({ session, hidden, onToggle }: { session: Session; hidden: ReadonlySet<number>; onToggle: (channel: number) => void }) {
  const { game, task } = session;
  if (task.look !== 'cells') return null;
  const ground = groundOf(task.id);
  return (
    <section class="card" aria-labelledby="legend-title">
      <header><h2 id="legend-title">What the agent sees</h2><span class="small muted">{game.planes[0] === 1 ? 'one channel' : `${game.planes[0]} channels`}</span></header>
      <ul class="legend">
        {channelsOf(task.id, game.planes[0]).map((look, channel) => (
          <li key={look.name}>
            <button type="button" class="button quiet" aria-pressed={!hidden.has(channel)} onClick={() => onToggle(channel)}><Sign look={look} />{look.name}{hidden.has(channel) && <span class="tag">hidden</span>}</button>
          </li>
        ))}
        {ground !== undefined && <li><span class="legend-fixed"><Sign look={{ name: 'goal', shape: 'diamond', ink: '--seat0' }} />goal</span></li>}
        {ground !== undefined && ground.pits.length > 0 && <li><span class="legend-fixed"><Sign look={{ name: 'cliff', shape: 'cross', ink: '--danger' }} />cliff</span></li>}
      </ul>
    </section>
  );
}

/** The same shapes as `mark` paints, for the page. */
function Sign({ look: { shape, ink } }: { look: ChannelLook }) {
  return <svg class={`sign ink-${ink.slice(2)}`} viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">{signPath(shape)}</svg>;
}

function signPath(shape: ChannelLook['shape']) {
  switch (shape) {
    case 'square': return <rect x="1.2" y="1.2" width="17.6" height="17.6" rx="3.2" />;
    case 'frame': return <path fill-rule="evenodd" d="M1.2 1.2h17.6v17.6H1.2zM4.8 4.8v10.4h10.4V4.8z" />;
    case 'disc': return <circle cx="10" cy="10" r="7.6" />;
    case 'ring': return <circle class="line" cx="10" cy="10" r="6.8" />;
    case 'dot': return <circle cx="10" cy="10" r="3" />;
    case 'diamond': return <path d="M10 1.2 18.8 10 10 18.8 1.2 10z" />;
    case 'triangle': return <path d="M10 1.6 18.8 18H1.2z" />;
    case 'cross': return <path class="line" d="m4.4 4.4 11.2 11.2m0-11.2L4.4 15.6" />;
    case 'bar': return <rect x="7.6" y="2.4" width="4.8" height="15.2" rx="1.6" />;
    case 'half': return <rect x="1.2" y="7.2" width="17.6" height="5.6" rx="1.6" />;
    default: return shape satisfies never;
  }
}
