/** What the server's thread asks of the one that reads ledgers, and what it is answered. */
import type { RatingList, RunListing, RunSettings, Series, TournamentGame, TournamentGameRow, TournamentListing, TournamentView } from '#arena/protocol';

export type Question =
  | { readonly ask: 'games'; readonly id: string; readonly players: readonly string[]; readonly offset: number }
  | { readonly ask: 'game'; readonly id: string; readonly game: number }
  | { readonly ask: 'runs' }
  | { readonly ask: 'run'; readonly id: string }
  /** What is new: each view whose version is not the one known, the list and the ratings where wanted and changed. */
  | { readonly ask: 'news'; readonly views: readonly { readonly id: string; readonly known: string }[]; readonly list: string | null; readonly ratings: string | null };

export interface News {
  readonly views: readonly { readonly id: string; readonly version: string; readonly view: TournamentView }[];
  /** Ids that cannot be shown, and why. */
  readonly gone: readonly { readonly id: string; readonly message: string }[];
  readonly list?: { readonly version: string; readonly tournaments: readonly TournamentListing[] };
  readonly ratings?: { readonly version: string; readonly list: RatingList };
}

export interface Answers {
  readonly games: { readonly total: number; readonly games: readonly TournamentGameRow[] };
  readonly game: TournamentGame;
  readonly runs: readonly RunListing[];
  readonly run: { readonly run: RunListing; readonly series: Series[]; readonly settings: RunSettings };
  readonly news: News;
}

export type Asked = Question & { readonly number: number };
export type Answered = { readonly number: number } & ({ readonly answer: Answers[keyof Answers] } | { readonly refused: string } | { readonly failed: string });
