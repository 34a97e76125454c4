/** Every checkpoint of the run with what is known of its strength; each can be played at once. */
import { useState } from 'preact/hooks';
import type { CheckpointView } from '#arena/protocol';
import { makeRoute } from '../app/router.js';
import { tasks } from '../task/list.js';
import { PlayIcon } from '../ui/icons.js';
import { NONE, compact, count, duration, percent, signed } from '../ui/format.js';

const FEW = 8;

/** `seats`: of the game; what is measured of a task of one is its return. */
export function Checkpoints({ checkpoints, game, seats }: { checkpoints: readonly CheckpointView[]; game: string; seats: 1 | 2 }) {
  const [all, setAll] = useState(false);
  const newestFirst = [...checkpoints].reverse();
  // A task for one has a page of its own, which lists these checkpoints too.
  const isTask = tasks.some((task) => task.id === game);
  const shown = all ? newestFirst : newestFirst.slice(0, FEW);
  return (
    <section class="card" aria-labelledby="checkpoints-title">
      <header>
        <h2 id="checkpoints-title">Checkpoints</h2>
        <span class="small muted">Snapshots of the network. {isTask ? 'Watch any of them.' : 'Play any of them.'}</span>
      </header>
      {checkpoints.length === 0 ? <p class="muted">None yet. The first one comes after a little training.</p> : (
        <div class="table-scroll" tabIndex={0} role="region" aria-labelledby="checkpoints-title">
          <table class="checkpoints">
            <thead>
              <tr><th scope="col">Trained for</th>{seats === 1 && <th scope="col">Return</th>}<th scope="col">Step</th><th scope="col">{seats === 1 ? 'Episodes' : 'Games'}</th>{seats === 2 && <><th scope="col">Keeps the result</th><th scope="col">Best move</th><th scope="col">Rating</th></>}<th scope="col"><span class="unseen">Play</span></th></tr>
            </thead>
            <tbody>
              {shown.map((c) => (
                <tr key={c.id}>
                  <th scope="row">{duration(c.elapsed)}</th>
                  {seats === 1 && <td>{c.score === null ? NONE : <>{c.score.mean.toFixed(2)} <span class="muted">± {c.score.error.toFixed(2)}</span></>}</td>}
                  <td>{count(c.step)}</td>
                  <td>{compact(c.games)}</td>
                  {seats === 2 && (
                    <>
                      <td>{percent(c.outcome ?? undefined, 1)}</td>
                      <td>{percent(c.optimal ?? undefined, 1)}</td>
                      <td>{c.rating === null ? NONE : <>{signed(c.rating.elo, 0)} <span class="muted">± {count(c.rating.error)}</span></>}</td>
                    </>
                  )}
                  <td>{c.agent !== null && <a class="button" href={makeRoute(isTask ? { page: 'task', game } : { page: 'setup', game, agent: c.agent })}><PlayIcon /><span>{isTask ? 'Watch it play' : 'Play this'}<span class="unseen"> checkpoint, step {count(c.step)}</span></span></a>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {newestFirst.length > FEW && <button type="button" class="button quiet" onClick={() => setAll(!all)}>{all ? 'Show fewer' : `Show all ${newestFirst.length}`}</button>}
    </section>
  );
}
