/** What the pages about tournaments are told. Players are named by their place in `players`, to keep messages short. */
import * as z from 'zod';
import { action, count, line, name } from './common.js';

const real = z.number();
/** An entry of the server's own list: never a path. */
export const tournamentId = z.string().regex(/^[A-Za-z0-9_-]{1,96}$/, 'expected a tournament id of the list');
/** 2 × pair + leg: leg 1 is the same opening with sides swapped. */
export const gameNumber = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const place = z.int().min(0).max(9999);
/** What an agent is called in a tournament: its own string, or what the file named it. */
const playerName = line;

export const tournamentListing = z.strictObject({
  id: tournamentId,
  /** Its own name, or the ledger's file name. */
  name: line,
  game: name,
  format: name,
  players: count,
  /** The first few, in the order of the plan. */
  names: z.array(playerName).max(8),
  games: count,
  /** Somebody is writing its ledger. */
  running: z.boolean(),
  /** Folder name of the run that it belongs to. */
  run: name.nullable(),
  /** ISO 8601, empty where unknown; of the newest game, milliseconds since 1970. */
  created: name,
  changed: real,
  /** Why it cannot be read, in words; then the figures above are empty. */
  fault: line.nullable(),
});

const ratedPlayer = z.strictObject({
  name: playerName,
  agent: playerName,
  /** null where the games do not determine it: unbeaten, winless, or never met. */
  elo: real.nullable(),
  /** 95 % half-width; 0 for an anchor. */
  error: real.nullable(),
  games: count,
  points: real,
  /** Ratings compare within a group only; -1 for nobody's. */
  group: z.int(),
});

export const tournamentPlayer = z.strictObject({
  ...ratedPlayer.shape,
  wins: count, draws: count, losses: count,
  /** Games lost by its own fault. */
  faults: count,
});

/** Two who met, as `a` sees it. */
export const tournamentCouple = z.strictObject({
  a: place, b: place,
  wins: count, draws: count, losses: count,
  /** By A's two results: LL, LD, WL, DD, WD, WW. */
  pairs: z.tuple([count, count, count, count, count, count]),
  elo: real.nullable(), margin: real.nullable(), nelo: real.nullable(), los: real.nullable(),
});

export const tournamentSprt = z.strictObject({
  model: name,
  elo0: real, elo1: real, alpha: real, beta: real,
  llr: real.nullable(), lower: real, upper: real,
  state: z.enum(['H0', 'H1', 'continue']),
  /** Pairs that the test has looked at, in the plan's order. */
  pairs: count,
});

/** Only whole pairs count in the figures. */
export const tournamentView = z.strictObject({
  id: tournamentId,
  name: line,
  game: name,
  format: name,
  running: z.boolean(),
  run: name.nullable(),
  created: name,
  changed: real,
  /** An SPRT has accepted a hypothesis. */
  decided: z.boolean(),
  /** How the ratings were made. */
  model: name,
  virtualDraws: real,
  anchors: z.array(z.strictObject({ name: playerName, elo: real })).max(10_000),
  /** Best first; those without a rating by their share of the points. At most the best 40 (`MAX_TOURNAMENT_PLAYERS`). */
  players: z.array(tournamentPlayer).max(64),
  /** Players beyond those. */
  omitted: count,
  /** [row][column]: likelihood that the row's player is the stronger one. */
  los: z.array(z.array(real.nullable())),
  /** Of those players; couples without a game are left out. */
  crosstable: z.array(tournamentCouple),
  /** Who moved first, over all games. */
  firstPlayer: z.strictObject({ games: count, points: real, elo: real.nullable() }),
  pairs: count,
  games: count,
  /** Games whose pair is not whole yet, or lies behind an SPRT's decision: on record, not rated. */
  unrated: count,
  distinctGames: count,
  distinctOpenings: count,
  /** How many games ended how. */
  ends: z.array(z.strictObject({ end: name, games: count })).max(32),
  faults: z.array(z.strictObject({ player: playerName, end: name, games: count, message: line })).max(256),
  sprt: tournamentSprt.nullable(),
  /** Lines of the ledger that are no games of this tournament: passed over. */
  damaged: count,
});

/** How many players a view shows at most. */
export const MAX_TOURNAMENT_PLAYERS = 40;
/** Games in one answer to `tournament-games`. */
export const GAMES_A_PAGE = 24;

export const tournamentGameRow = z.strictObject({
  game: gameNumber,
  /** Who moved first, and who second. */
  first: playerName, second: playerName,
  /** Of `first`: 1, ½ or 0. */
  score: real,
  end: name,
  plies: count,
});

/** One game, to be replayed with the game from #games. */
export const tournamentGame = z.strictObject({
  ...tournamentGameRow.shape,
  /** Id of the game that was played. */
  rules: name,
  /** Starting position in the game's own notation, and the seed of its chance; null for the usual start. */
  setup: line.nullable(),
  seed: real.nullable(),
  /** Moves of the opening, which nobody chose, then those of the game; chance's included. */
  opening: z.array(action).max(100_000),
  moves: z.array(action).max(100_000),
  /** What the mover thought of each of `moves`, in [-1, 1], its own view; null where it told nothing. Empty or as long as `moves`. */
  values: z.array(real.nullable()).max(100_000),
  /** Whose fault ended it, what happened; why it was adjudicated. */
  faultBy: z.enum(['first', 'second']).nullable(),
  message: line.nullable(),
});

/** The standing list of a run: all its tournaments rated together. */
export const ratingList = z.strictObject({
  updated: name,
  model: name,
  virtualDraws: real,
  anchors: z.array(z.strictObject({ name: playerName, elo: real })).max(10_000),
  /** Best first within each group. */
  players: z.array(ratedPlayer).max(512),
  groups: count,
  /** Elo of moving first. */
  advantage: real.nullable(),
  games: count,
  /** Where its games are replayed. */
  tournaments: z.array(z.strictObject({ id: tournamentId, name: line, games: count })).max(512),
});

export type TournamentListing = z.infer<typeof tournamentListing>;
export type TournamentPlayer = z.infer<typeof tournamentPlayer>;
export type TournamentCouple = z.infer<typeof tournamentCouple>;
export type TournamentSprt = z.infer<typeof tournamentSprt>;
export type TournamentView = z.infer<typeof tournamentView>;
export type TournamentGameRow = z.infer<typeof tournamentGameRow>;
export type TournamentGame = z.infer<typeof tournamentGame>;
export type RatingList = z.infer<typeof ratingList>;
