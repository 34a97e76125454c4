/** The language that server and browser speak: pure TypeScript, imported by both. */
export { PROTOCOL, SOCKET_PATH, offerKinds, topics } from './common.js';
export type { ClockRule, OfferKind, Seat, Strength, Topic } from './common.js';
export { clientMessageTypes } from './client.js';
export type { ClientMessage, ClientMessageOf, SeatRequest } from './client.js';
export { CLOSE, agentKinds, errorCodes, modelPath } from './server.js';
export type { AgentView, ErrorCode, GameView, RoomListing, ServerMessage, ServerMessageOf } from './server.js';
export type { ReviewedMove, TreeNode } from './inside.js';
export { applyEvent, millisLeft, results } from './room.js';
export type { ActionAnalysis, Analysis, ClockState, GameResult, NumberedEvent, Offer, PlayedMove, RoomEvent, RoomSnapshot, SeatView } from './room.js';
export { runStates } from './training.js';
export type { CheckpointView, RunListing, RunSettings, SelfPlayBoard, Series, TrainingStatus } from './training.js';
export { GAMES_A_PAGE, MAX_TOURNAMENT_PLAYERS } from './tournaments.js';
export type { RatingList, TournamentCouple, TournamentGame, TournamentGameRow, TournamentListing, TournamentPlayer, TournamentSprt, TournamentView } from './tournaments.js';
export { parseClientMessage, parseServerMessage } from './parse.js';
export { MAX_CLIENT_BYTES, ProtocolError, decode, decodeClientMessage, decodeServerMessage, encode, pack } from './codec.js';
export { OFFLINE_FILE, OFFLINE_META, answersOf, parseOfflineManifest } from './offline.js';
export type { OfflineManifest } from './offline.js';
