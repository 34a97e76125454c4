/** Chess: the game, and what readers and writers of positions, moves and games need. */
export { ACTIONS, POLICY_GATHER, POLICY_PLANES, actionOf, actionText, moveOf } from './actions.js';
export { makeEvalCommand, parseEvalCommand, valueOfCentipawns, valueOfEvaluation } from './evaluation.js';
export type { Evaluation } from './evaluation.js';
export { INITIAL_FEN, initialPosition, makeFen, parseFen } from './fen.js';
export type { FenOptions, Parsed } from './fen.js';
export { chess, chessVariant, createChess } from './game.js';
export { MAX_HISTORY } from './history.js';
export { MAX_MOVES, countMoves, generateMoves, hasMoves } from './moves.js';
export { perft } from './perft.js';
export { RESULTS, makePgn, parsePgn } from './pgn.js';
export type { PgnGame, Result } from './pgn.js';
export { PgnSplitter } from './pgn-stream.js';
export type { PgnText } from './pgn-stream.js';
export { Position, UNDO_WORDS, moveFrom, movePromotion, moveTo } from './position.js';
export type { Move } from './position.js';
export { NO_MOVE, isCastling, makeSan, makeUci, parseSan, parseUci } from './san.js';
export { ChessState, ENDINGS } from './state.js';
export type { Ending } from './state.js';
