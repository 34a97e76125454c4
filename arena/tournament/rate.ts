/** Ratings from ledgers: of one tournament or of many together, and the standing list in a run's folder. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError, nearest } from '#engine';
import { replaceFile } from '#selfplay/system';
import { anchorElo } from '../anchors.js';
import { type RatedGame, type RatingModel, Z95, alphaRank, rateTournament } from '../ratings/index.js';
import { type LedgerContent, type LedgerGame, readLedger } from './ledger.js';

export interface RateOptions {
  readonly model: RatingModel;
  /** Elo of players by name, held fixed. */
  readonly anchors?: Readonly<Record<string, number>>;
  readonly virtualDraws?: number;
  /** Estimate what moving first is worth; default true. */
  readonly advantage?: boolean;
}

export interface RatedPlayer {
  readonly name: string;
  readonly agent: string;
  /** null where the games do not determine it. */
  readonly elo: number | null;
  readonly se: number | null;
  /** 95 % half-width. */
  readonly error: number | null;
  readonly games: number;
  readonly points: number;
  /** Ratings compare within a group only. */
  readonly group: number;
}

export interface LedgerRatings {
  readonly game: string;
  readonly model: RatingModel;
  readonly virtualDraws: number;
  readonly anchors: Readonly<Record<string, number>>;
  /** Best first within each group. */
  readonly players: readonly RatedPlayer[];
  /** [row][column], in the order of `players`. */
  readonly los: readonly (readonly (number | null)[])[];
  readonly groups: number;
  /** Elo of moving first, where there is one group. */
  readonly advantage: number | null;
  /**
   * In the order of `players`: how often an evolving population plays each (α-rank), which copes with cycles as a rating
   * does not; null unless all have met all.
   */
  readonly alphaRank: readonly number[] | null;
  readonly games: number;
  /** Games whose pair is not whole: left out. */
  readonly leftOut: number;
  readonly ledgers: readonly { readonly file: string; readonly games: number; readonly torn: boolean }[];
}

/** The last record of each game, of whole pairs, pair by pair. */
export function wholePairs(games: readonly LedgerGame[]): LedgerGame[][] {
  const pairs = new Map<number, LedgerGame[]>();
  for (const game of games) {
    let both = pairs.get(game.pair);
    if (both === undefined) pairs.set(game.pair, (both = []));
    both[game.leg] = game;
  }
  return [...pairs.values()].filter((both) => both[0] !== undefined && both[1] !== undefined);
}

/** Throws UserError: 'usage' for an anchor that nobody is, 'data' for ledgers that do not belong together. */
export function rateLedgers(files: readonly string[], options: RateOptions): LedgerRatings {
  const contents = files.map((file) => ({ file, ...readLedger(file) }));
  checkTogether(contents);
  const agents = new Map(contents.flatMap(({ header }) => header.plan.players.map((player) => [player.name, player.agent] as const)));
  const rated: RatedGame[] = [];
  const ledgers: { file: string; games: number; torn: boolean }[] = [];
  let leftOut = 0;
  for (const [index, { file, games, torn }] of contents.entries()) {
    const pairs = wholePairs(games);
    for (const [one, two] of pairs) {
      const cluster = `${index}/${one.pair}`;
      rated.push({ first: one.a, second: one.b, score: one.score, cluster }, { first: two.b, second: two.a, score: 1 - two.score, cluster });
    }
    leftOut += new Set(games.map((game) => 2 * game.pair + game.leg)).size - 2 * pairs.length;
    ledgers.push({ file, games: 2 * pairs.length, torn });
  }
  const anchors = options.anchors ?? {};
  const known = [...new Set(rated.flatMap((game) => [game.first, game.second]))];
  for (const name of Object.keys(anchors)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw new UserError('usage', `the anchor '${name}' has no games here${near === undefined ? '' : `; did you mean '${near}'?`} Players: ${known.join(', ') || 'none'}.`);
  }
  const ratings = rateTournament(rated, { model: options.model, anchors, virtualDraws: options.virtualDraws, advantage: options.advantage });
  const order = ratings.players.map((_, i) => i).sort((i, j) => {
    const [x, y] = [ratings.players[i], ratings.players[j]];
    if (x.group !== y.group && x.elo !== null && y.elo !== null) return x.group - y.group;
    return x.elo !== null && y.elo !== null ? y.elo - x.elo : y.points / y.games - x.points / x.games;
  });
  const players = order.map((i): RatedPlayer => {
    const { name, elo, se, games, points, group } = ratings.players[i];
    return { name, agent: agents.get(name) ?? name, elo, se, error: se === null ? null : Z95 * se, games, points, group };
  });
  // Those who take part but have no whole pair yet are listed too, without a rating.
  for (const [name, agent] of agents) if (!known.includes(name)) players.push({ name, agent, elo: null, se: null, error: null, games: 0, points: 0, group: -1 });
  return {
    game: contents[0].header.plan.game.id,
    model: options.model, virtualDraws: options.virtualDraws ?? 0, anchors, players,
    los: players.map((_, row) => players.map((__, column) => (row < order.length && column < order.length ? ratings.los[order[row]][order[column]] : null))),
    groups: ratings.groups.length,
    advantage: ratings.groups.length === 1 ? ratings.groups[0].advantage : null,
    alphaRank: rankByEvolution(players.map((player) => player.name), rated),
    games: rated.length, leftOut, ledgers,
  };
}

function rankByEvolution(names: readonly string[], games: readonly RatedGame[]): number[] | null {
  const at = new Map(names.map((name, i) => [name, i]));
  const points = names.map(() => names.map(() => 0));
  const played = names.map(() => names.map(() => 0));
  for (const { first, second, score } of games) {
    const [i, j] = [at.get(first)!, at.get(second)!];
    points[i][j] += score;
    points[j][i] += 1 - score;
    played[i][j]++;
    played[j][i]++;
  }
  const all = names.length > 1 && played.every((row, i) => row.every((count, j) => i === j || count > 0));
  return all ? alphaRank(points.map((row, i) => row.map((sum, j) => (i === j ? 0.5 : sum / played[i][j])))) : null;
}

function checkTogether(contents: readonly (LedgerContent & { readonly file: string })[]): void {
  if (contents.length === 0) throw new UserError('usage', 'no ledger is given');
  const [first] = contents;
  const models = new Map<string, { what: string; file: string }>();
  for (const { file, header } of contents) {
    const { id, version } = header.plan.game;
    const expected = first.header.plan.game;
    if (id !== expected.id || version !== expected.version) {
      throw new UserError('data', `${first.file} is about ${expected.id} version ${expected.version}, ${file} about ${id} version ${version}: their players have no common rating`);
    }
    for (const { name, agent, model } of header.plan.players) {
      const what = model ?? agent;
      const other = models.get(name);
      if (other !== undefined && other.what !== what) throw new UserError('data', `'${name}' is one agent in ${other.file} and another in ${file}: rate them apart`);
      models.set(name, { what, file });
    }
  }
}

/** Draws added to each couple in a standing list, whose newest player may have won everything so far. */
const VIRTUAL_DRAWS = 1;

/**
 * Rates all ledgers of a run's folder tournaments/ together and writes RUN/ratings.json, as a whole or not at all; on the
 * game's measured scale where an anchor of it takes part. undefined, and nothing written, when the ledger is elsewhere.
 */
export function writeRatingList(ledger: string): { file: string; ratings: LedgerRatings } | undefined {
  const folder = dirname(ledger);
  const run = dirname(folder);
  if (basename(folder) !== 'tournaments' || !existsSync(join(run, 'run.json'))) return undefined;
  const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl')).sort().map((name) => join(folder, name));
  const known = readable(files);
  if (known.length === 0) return undefined;
  const { plan } = readLedger(known[0]).header;
  const players = new Map(known.flatMap((file) => wholePairs(readLedger(file).games).flat().map((game) => [game.a, game.b])).flat().map((name) => [name, anchorElo(plan.game.id, name)]));
  const anchors = Object.fromEntries([...players].filter((entry): entry is [string, number] => entry[1] !== undefined));
  const ratings = rateLedgers(known, { model: 'bt', anchors, virtualDraws: VIRTUAL_DRAWS });
  const file = join(run, 'ratings.json');
  replaceFile(file, `${JSON.stringify({ format: 1, updated: new Date().toISOString(), ...ratings }, null, 2)}\n`);
  return { file, ratings };
}

/** A ledger that is empty or damaged must not hide what the others say. */
function readable(files: readonly string[]): string[] {
  return files.filter((file) => {
    try {
      return readLedger(file).header !== undefined;
    } catch (error) {
      if (error instanceof UserError) return false;
      throw error;
    }
  });
}
