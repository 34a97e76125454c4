/** Games of a run's store as the report shows them: every position drawn beforehand, so that the page needs no rules. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CHANCE, OVER, createRng, type Game, type State } from '#engine';
import { decodeEpisode, episodeReturn, startEpisode, ReplayStore, type Episode } from '#selfplay';

export interface ReportedMove {
  readonly name: string;
  /** Seat that moved; -1 is chance. */
  readonly seat: number;
  /** The search's value for the first seat; null where none was made. */
  readonly value: number | null;
  /** Share of the search's policy that the move had. */
  readonly share: number | null;
}

export interface ReportedGame {
  readonly id: string;
  /** Early or late in the run. */
  readonly when: 'early' | 'late';
  /** Step of the weights that began it. */
  readonly step: number;
  /** For the first seat. */
  readonly result: number;
  readonly moves: readonly ReportedMove[];
  /** [moves + 1]: one character a cell, row by row from the top, '.' is empty; or the text of the position where it is no grid. */
  readonly positions: readonly string[];
}

export interface ReportedGames {
  /** Cells of a position; null: texts. */
  readonly grid: { readonly columns: number; readonly rows: number } | null;
  readonly games: readonly ReportedGame[];
}

const EACH = 5;
/** Characters of positions in all: the page stays small. */
const MOST_TEXT = 400_000;

/** Some of the earliest games still stored and the newest; none where there is no store. */
export async function reportedGames(runDir: string, game: Game, capacity: number): Promise<ReportedGames> {
  const path = join(runDir, 'replay');
  if (!existsSync(join(path, 'data.mdb'))) return { grid: null, games: [] };
  const store = new ReplayStore(path, { game, capacity, readOnly: true });
  try {
    const early: Episode[] = [];
    const late: Episode[] = [];
    for (const [, bytes] of store.since(0)) {
      early.push(decodeEpisode(bytes));
      if (early.length === EACH) break;
    }
    const held = new Set(early.map(({ id }) => id));
    // Games that hold so many positions are at least as many games as are shown.
    const recent = [...store.latest(EACH * game.maxPlies)].slice(-EACH);
    for (const bytes of recent) {
      const episode = decodeEpisode(bytes);
      if (!held.has(episode.id)) late.push(episode);
    }
    return draw(game, [...early.map((episode) => ({ episode, when: 'early' as const })), ...late.map((episode) => ({ episode, when: 'late' as const }))]);
  } finally {
    await store.close();
  }
}

function draw(game: Game, episodes: readonly { readonly episode: Episode; readonly when: 'early' | 'late' }[]): ReportedGames {
  const [, rows, columns] = game.planes;
  const start = game.start(createRng(0));
  const grid = gridOf(game.render?.(start) ?? '', rows, columns) === undefined ? null : { columns, rows };
  const shown = (state: State): string => {
    const text = game.render?.(state) ?? '';
    return grid === null ? text : (gridOf(text, rows, columns) ?? '');
  };
  const games: ReportedGame[] = [];
  let written = 0;
  for (const { episode, when } of episodes) {
    const replayed = replay(game, episode, shown);
    written += replayed.positions.reduce((sum, text) => sum + text.length, 0);
    if (written > MOST_TEXT && games.length > 0) break;
    games.push({ id: episode.id, when, step: episode.checkpoint, result: episodeReturn(episode), ...replayed });
  }
  return { grid, games };
}

function replay(game: Game, episode: Episode, shown: (state: State) => string): Pick<ReportedGame, 'moves' | 'positions'> {
  const rng = createRng(episode.seed);
  const state = (episode.setup === undefined ? undefined : game.parseSetup?.(episode.setup)) ?? startEpisode(game, episode.seed);
  const positions = [shown(state)];
  const moves: ReportedMove[] = [];
  const { starts, actions, probabilities } = episode.policies;
  episode.actions.forEach((action, ply) => {
    if (state.turn === OVER) return;
    let share: number | null = null;
    for (let i = starts[ply]; i < starts[ply + 1]; i++) if (actions[i] === action) share = round(probabilities[i]);
    moves.push({ name: game.actionName(state, action), seat: state.turn === CHANCE ? -1 : state.turn, value: episode.trained[ply] === 1 ? round(episode.rootValues[ply]) : null, share });
    state.apply(action, rng);
    positions.push(shown(state));
  });
  return { moves, positions };
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** The cells of a position drawn as rows of single characters apart, with or without labels around; undefined for anything else. */
export function gridOf(text: string, rows: number, columns: number): string | undefined {
  const lines = text.split('\n').flatMap((line) => {
    const cells = line.trim().split(/\s+/).filter((token) => token.length === 1 && /[.A-Za-z]/.test(token));
    // A line of labels below a board has letters and no row of its own number, or only digits.
    return cells.length === columns ? [cells.join('')] : [];
  });
  const board = lines.length === rows + 1 ? lines.filter((line) => line !== 'abcdefghijklmnopqrstuvwxyz'.slice(0, columns)) : lines;
  return board.length === rows ? board.join('') : undefined;
}
