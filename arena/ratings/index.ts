/** Ratings: pure statistics of games and pairs. */
export { normalCdf, Z95 } from './numeric.js';
export {
  type GameCounts, type MatchStatistics, type PairCounts, type Sample,
  eloOfScore, matchStatistics, sampleOfGames, sampleOfPairs, scoreOfElo,
} from './score.js';
export { type SprtModel, type SprtOptions, type SprtResult, bayesianLlr, gsprtLlr, sprt, sprtBounds, sprtModels } from './sprt.js';
export { type PlayerRating, type RatedGame, type RatingModel, type RatingOptions, type Ratings, rateTournament, ratingModels } from './tournament.js';
export { type AlphaRankOptions, alphaRank } from './alpha-rank.js';
export { type BootstrapInterval, bootstrapElo } from './bootstrap.js';
