/** Tournaments: what is played, the ledger, what it says. */
export { type TournamentConfig, type TournamentFormat, type TournamentInput, checkTournament, readTournament, tournamentFormats } from './config.js';
export { type Plan, type PlanIdentity, type PlanPlayer, createPlan, pairCount } from './plan.js';
export { Ledger, type LedgerContent, type LedgerGame, type LedgerHeader, readLedger } from './ledger.js';
export { type CoupleStanding, type PlayerStanding, Standing, type TournamentReport } from './standing.js';
export { type PairSource, type PairTable, type TournamentOptions, type TournamentResult, runTournament } from './run.js';
export { type LedgerRatings, type RateOptions, type RatedPlayer, rateLedgers, wholePairs, writeRatingList } from './rate.js';
export { crosstableCsv, ledgerPgn, recordAgainst } from './export.js';
