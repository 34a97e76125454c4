/** The arena: agents by name, matches, ratings, and judging against exact results. */
export * from './ratings/index.js';
export {
  type AgentDescription, type AgentKind, type AgentOption, type AgentSpec, type ModelReference, type ParseOptions,
  agentKinds, defaultCaps, describeAgents, parseAgentSpec, printAgentSpec,
} from './agents/spec.js';
export type { Agent, AgentRequest, AnalyseOptions, Analysis, Choice, Dream, DreamStep } from './agents/agent.js';
export { type CreateAgentOptions, createAgent } from './agents/create.js';
export { ModelEvaluator, resolveModel } from './agents/model.js';
export { type LearnedModel, type PlannerSettings, openLearnedModel } from './agents/learned-model.js';
export { openLearnedPolicy } from './agents/learned-policy.js';
export { TASK_ROWS, type TaskAgentOptions, openTaskAgent } from './agents/task-agent.js';
export { type TaskScoreSetup, scoreTask } from './task-score.js';
export { type DreamError, type InspectOptions, type InspectedAction, type InspectedPosition, type Inspection, inspectModel } from './inspect.js';
export { AgentFailure, type FailureReason, type ClockReading, type Player, type PlayerAnswer, type PlayerRequest, failureReasons } from './agents/player.js';
export { AgentHost, type AskOptions, type HostOptions } from './agents/hosted.js';
export { AgentPool, type PoolOptions, type PoolRequest } from './agents/pool.js';
export { type Position, isLegal, replay, startState } from './position.js';
export { type OpeningOptions, type Openings, RandomOpenings, bookOpenings, defaultOpeningPlies, randomOpenings } from './openings.js';
export { type GameEnd, type GameRecord, type RefereeOptions, gameEnds, referee } from './referee.js';
export { type MatchOptions, type MatchResult, type MatchSettings, Scoreboard, playMatch, runMatch } from './match.js';
export {
  type EvaluateOptions, type EvaluationResult, type JudgedPosition, type Verdict, type WrongMove, evaluatePositions, parsePlies, parsePositions,
} from './evaluate.js';
export { type BestMoveOptions, type BestMovePosition, type BestMoveResult, evaluateBestMoves, parseBestMoves } from './chess/best-moves.js';
export { type PerftReport, type PerftResult, perftFile, perftPosition } from './chess/perft.js';
export { anchorElo } from './anchors.js';
export { type Level, type LevelRating, type Strengths, STRENGTHS_FILE, levelSpec, levelView, modelHash, readStrengths } from './strengths.js';
export { examPositions } from './exam/positions.js';
export {
  type AnchorScore, type CheckpointEvaluation, type CheckpointRating, evaluateCheckpoint, evaluateTaskCheckpoint, rateCheckpoints,
} from './evaluate-checkpoint.js';
export { type ExternalSpec, externalAgents, parseExternalAgent, printExternalAgent } from './agents/external.js';
export { type PlayerStarter, type StartOptions, parseAnyAgent, startPlayer } from './agents/start.js';
export { type UciOptions, UciSession } from './uci/index.js';
export { type AdjudicationRules, Adjudicator } from './adjudication.js';
export { type ClockRule, type TimeRule, Clocks, parseClock, printClock } from './clock.js';
export * from './tournament/index.js';
export * from './remote/index.js';
export { type GenerateOptions, type GenerateProgress, generate } from './generate/run.js';
