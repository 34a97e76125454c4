/** The games of a tournament, newest first, of all players, of one, or of two against each other. */
import { useEffect, useState } from 'preact/hooks';
import { GAMES_A_PAGE, type TournamentGameRow, type TournamentView } from '#arena/protocol';
import type { Client } from '../app/client.js';
import { makeRoute } from '../app/router.js';
import { PlayIcon } from '../ui/icons.js';
import { Select } from '../ui/controls.js';
import { count, plural } from '../ui/format.js';
import { endText, scoreText } from './figures.js';

const EVERYBODY = '';

interface Loaded {
  readonly games: readonly TournamentGameRow[];
  readonly total: number;
  /** Of `total`, those that came since and are not in `games`. */
  readonly newer: number;
  readonly problem?: string;
}

export function Games({ client, view, players, onPlayers }: { client: Client; view: TournamentView; players: readonly string[]; onPlayers: (players: readonly string[]) => void }) {
  const [loaded, setLoaded] = useState<Loaded>();
  const [one = EVERYBODY, two = EVERYBODY] = players;

  /** `then` makes the next list of the last one and the answer. */
  async function load(offset: number, current: () => boolean, then: (last: Loaded | undefined, answer: Pick<Loaded, 'games' | 'total'>) => Loaded): Promise<void> {
    const answer = await client.tournamentGames(view.id, players, offset);
    if (!current()) return;
    if ('refused' in answer) setLoaded((last) => ({ total: 0, games: [], newer: 0, ...last, problem: answer.refused }));
    else setLoaded((last) => then(last, answer));
  }
  const newest = (current: () => boolean) => load(0, current, (_last, { games, total }) => ({ games, total, newer: 0 }));
  const older = (from: Loaded) => load(from.games.length + from.newer, () => true, (last, { games }) => ({ ...from, ...last, games: [...from.games, ...games] }));

  // New games come on top. Once somebody has asked for older ones the list stays, and says how many are new.
  const following = loaded === undefined || loaded.games.length <= GAMES_A_PAGE;
  useEffect(() => {
    let current = true;
    const isCurrent = () => current;
    if (following) void newest(isCurrent);
    else void load(0, isCurrent, (last, answer) => (last === undefined ? { ...answer, newer: 0 } : { ...last, total: answer.total, newer: last.newer + answer.total - last.total }));
    return () => void (current = false);
  }, [view.id, one, two, view.changed]);

  const choose = (first: string, second: string) => {
    setLoaded(undefined);
    onPlayers([first, second].filter((name) => name !== EVERYBODY));
  };
  const names = view.players.map((player) => player.name);
  return (
    <section class="card stack" aria-labelledby="games-title">
      <header class="spread"><h2 id="games-title">Games</h2><span class="small muted number" role="status">{loaded === undefined ? 'Loading …' : plural(loaded.total, 'game')}</span></header>
      <div class="game-filter">
        <Select label="Of" value={one} onChange={(name) => choose(name, name === two ? EVERYBODY : name === EVERYBODY ? EVERYBODY : two)}>
          <option value={EVERYBODY}>everybody</option>
          {names.map((name) => <option key={name} value={name}>{name}</option>)}
        </Select>
        <Select label="Against" value={two} onChange={(name) => choose(one, name)}>
          <option value={EVERYBODY}>anybody</option>
          {one === EVERYBODY ? null : names.filter((name) => name !== one).map((name) => <option key={name} value={name}>{name}</option>)}
        </Select>
      </div>
      {loaded?.problem !== undefined && <p class="problem" role="alert">{loaded.problem}</p>}
      {loaded !== undefined && loaded.games.length === 0 && loaded.problem === undefined && <p class="muted">No game yet.</p>}
      {loaded !== undefined && loaded.newer > 0 && <div><button type="button" class="button" onClick={() => void newest(() => true)}>Show {plural(loaded.newer, 'new game')}</button></div>}
      {loaded !== undefined && loaded.games.length > 0 && (
        <ol class="game-list">
          {loaded.games.map((game) => (
            <li key={game.game}>
              <a href={makeRoute({ page: 'replay', id: view.id, game: game.game })}>
                <span class="game-players"><span class={game.score === 1 ? 'winner-name' : undefined}>{game.first}</span> <span class="muted">–</span> <span class={game.score === 0 ? 'winner-name' : undefined}>{game.second}</span></span>
                <strong class="number">{scoreText(game.score)}</strong>
                <span class="small muted number">{plural(game.plies, 'move')}{game.end !== 'normal' && `, ${endText(game.end)}`}<span class="unseen">; game {count(game.game)}</span></span>
                <PlayIcon />
              </a>
            </li>
          ))}
        </ol>
      )}
      {loaded !== undefined && loaded.games.length + loaded.newer < loaded.total && (
        <div><button type="button" class="button" onClick={() => void older(loaded)}>Older games</button></div>
      )}
    </section>
  );
}
