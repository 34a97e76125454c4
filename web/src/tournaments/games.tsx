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

interface Loaded { readonly total: number; readonly games: readonly TournamentGameRow[]; readonly problem?: string }

export function Games({ client, view, players, onPlayers }: { client: Client; view: TournamentView; players: readonly string[]; onPlayers: (players: readonly string[]) => void }) {
  const [loaded, setLoaded] = useState<Loaded>();
  const [one = EVERYBODY, two = EVERYBODY] = players;

  async function load(offset: number, before: readonly TournamentGameRow[], current: () => boolean): Promise<void> {
    const answer = await client.tournamentGames(view.id, players, offset);
    if (!current()) return;
    if ('refused' in answer) setLoaded((last) => ({ total: last?.total ?? 0, games: last?.games ?? [], problem: answer.refused }));
    else setLoaded({ total: answer.total, games: [...before, ...answer.games] });
  }

  // New games come on top: as long as nobody has asked for older ones, the first page follows.
  const following = loaded === undefined || loaded.games.length <= GAMES_A_PAGE;
  useEffect(() => {
    if (!following) return undefined;
    let current = true;
    void load(0, [], () => current);
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
      {loaded !== undefined && loaded.games.length < loaded.total && (
        <div><button type="button" class="button" onClick={() => void load(loaded.games.length, loaded.games, () => true)}>Older games</button></div>
      )}
    </section>
  );
}
