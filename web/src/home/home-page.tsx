/** The first page: what this is, and a game one click away. */
import { useEffect, useState } from 'preact/hooks';
import type { Client } from '../app/client.js';
import { makeRoute } from '../app/router.js';
import type { AppState } from '../app/state.js';
import { useStore } from '../app/store.js';
import { GamePicture, canDraw } from '../board/game-board.js';
import { PlayIcon } from '../ui/icons.js';
import { compact, duration, plural } from '../ui/format.js';
import { defaultPreset, presetsOf, ratingText } from '../play/opponents.js';
import { demo, demoSetup, startGame } from '../play/setup-page.js';
import { tasks } from '../task/list.js';

const taglines: Record<string, string> = {
  'tic-tac-toe': 'Three in a row. Perfect play draws, so every win is somebody’s mistake.',
  chess: 'By every rule. Play an agent from any position, or bring a game of your own.',
  connect4: 'Four in a row, with gravity. Solved, and still hard: the first player wins from the middle.',
};

export function HomePage({ client }: { client: Client }) {
  const games = useStore(client.store, (s: AppState) => s.games);
  const agents = useStore(client.store, (s: AppState) => s.agents);
  const connection = useStore(client.store, (s: AppState) => s.connection);
  const status = useStore(client.store, (s: AppState) => s.training.status);
  const rooms = useStore(client.store, (s: AppState) => s.rooms);
  useEffect(() => client.watch('rooms'), []);
  const [problem, setProblem] = useState<string>();

  // The game that learns here comes first.
  const drawable = games.filter((g) => canDraw(g.id)).sort((a, b) => Number(b.id === status?.game) - Number(a.id === status?.game));
  // Without a server, the page has what it was exported with.
  const shownTasks = client.offline ? tasks.filter((task) => games.some((g) => g.id === task.id)) : tasks;
  const running = rooms.filter((room) => !room.over && room.plies > 0 || room.open);
  return (
    <div class="stack home">
      <section class="hero">
        <h1>It learns by playing itself. Then you play it.</h1>
        <p class="lead">Agents here start knowing nothing but the rules. Play one, look inside its head while it thinks, and watch the next one learn.</p>
      </section>
      {problem !== undefined && <p class="problem" role="alert">{problem}</p>}
      <div class="games">
        {drawable.map((game) => {
          const preset = defaultPreset(presetsOf(agents, game.id));
          return (
            <section class="card game-card" key={game.id} aria-labelledby={`game-${game.id}`}>
              <div class={`game-picture ${game.id}`}><GamePicture game={game.id} setup={demoSetup(game.id)} actions={demo(game.id)} /></div>
              <div class="stack game-words">
                <div>
                  <h2 id={`game-${game.id}`}>{game.name}</h2>
                  <p class="muted">{taglines[game.id]}</p>
                </div>
                {preset !== undefined && <p class="small muted">Against <strong>{preset.title.toLowerCase()}</strong>{preset.agent.rating !== undefined && <span class="number"> (rating {ratingText(preset.agent)})</span>}: {preset.description}</p>}
                <div class="row">
                  {preset !== undefined && (
                    <button type="button" class="button primary" disabled={connection !== 'open'}
                      onClick={() => void startGame(client, game.id, { kind: 'agent', agent: preset.agent.id, strength: preset.strength }, 'me').then(setProblem)}>
                      <PlayIcon />Play<span class="unseen"> {game.name}</span>
                    </button>
                  )}
                  <a class="button" href={makeRoute({ page: 'setup', game: game.id })}>Choose opponent<span class="unseen"> for {game.name}</span></a>
                </div>
              </div>
            </section>
          );
        })}
      </div>
      {drawable.length === 0 && !(client.offline && connection === 'open') && <p class="muted" role="status">{connection === 'open' ? 'This server offers no game that this page can draw.' : 'Waiting for the server …'}</p>}
      {shownTasks.length > 0 && <section class="card" aria-labelledby="tasks-title">
        <header><h2 id="tasks-title">Arcade</h2><span class="small muted">Small tasks for one, by keys or thumbs: play them, or watch a network do it.</span></header>
        <ul class="tasks">
          {shownTasks.map((task) => (
            <li key={task.id}><a class="task-link" href={makeRoute({ page: 'task', game: task.id })}><strong>{task.name}</strong><span class="small muted">{task.line}</span></a></li>
          ))}
        </ul>
      </section>}
      {status !== undefined && (
        <section class="card learning" aria-labelledby="learning-title">
          <div>
            <h2 id="learning-title">{status.state === 'running' ? 'Learning right now' : status.state === 'paused' ? 'Training is paused' : 'The last training run'}: {games.find((g) => g.id === status.game)?.name ?? status.game}</h2>
            <p class="muted number">{compact(status.games)} games against itself in {duration(status.elapsed)}, {compact(status.step)} training steps so far.</p>
          </div>
          <a class="button" href={makeRoute({ page: 'training' })}>Watch it learn</a>
        </section>
      )}
      {running.length > 0 && (
        <section class="card" aria-labelledby="rooms-title">
          <header><h2 id="rooms-title">Games being played</h2></header>
          <ul class="rooms">
            {running.slice(0, 8).map((room) => (
              <li key={room.roomId} class="spread">
                <span>{games.find((g) => g.id === room.game)?.name ?? room.game}: {room.seats.join(' – ')} <span class="muted number">{plural(room.plies, 'move')}</span></span>
                <a class="button" href={makeRoute({ page: 'room', roomId: room.roomId })}>{room.open ? 'Join' : 'Watch'}</a>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
