/**
 * What every game must keep to, as checks that return data: for tests, and for `ludus games check` on a game of one's
 * own. A broken game is reported, never thrown. (A rule that never returns cannot be stopped from here.)
 */
import type { Game } from '#engine';
import { RULE_CLAUSES } from './contract/clauses.js';
import type { Clause, Context } from './contract/clauses.js';
import { playoutClause } from './contract/playout.js';
import { policyPlanesClause } from './contract/policy-planes.js';
import { symmetryClause } from './contract/symmetry.js';
import { Breach, Walk } from './contract/walk.js';
import type { Witness } from './contract/walk.js';

export type { Witness } from './contract/walk.js';

const CLAUSES: readonly Clause[] = [...RULE_CLAUSES, symmetryClause, policyPlanesClause, playoutClause];

/** Names of the clauses, in the order in which they are checked. */
export const clauseIds: readonly string[] = CLAUSES.map((clause) => clause.id);

export interface ClauseReport {
  readonly id: string;
  /** What is required, in one line. */
  readonly requires: string;
  /** 'not-applicable': the game does not use it; 'blocked': an earlier fault kept it from being checked. */
  readonly result: 'pass' | 'fail' | 'not-applicable' | 'blocked';
  /** What is wrong, or why it was not checked. */
  readonly detail?: string;
  /** The first counter-example. */
  readonly witness?: Witness;
}

export interface ContractReport {
  readonly game: string;
  /** No clause fails, and none is blocked. */
  readonly ok: boolean;
  readonly seed: number;
  readonly episodes: number;
  readonly clauses: readonly ClauseReport[];
}

export interface ContractOptions {
  /** Of the random games; 1 by default. */
  readonly seed?: number;
  /** Random games a clause; 30 by default. */
  readonly episodes?: number;
}

/** Checks anything that claims to be a game. */
export function checkGame(candidate: unknown, options: ContractOptions = {}): ContractReport {
  const { seed = 1, episodes = 30 } = options;
  const game = candidate as Game;
  const clauses: ClauseReport[] = [];
  for (const clause of CLAUSES) {
    const failed = clauses.find((report) => report.result === 'fail');
    if (failed?.id === 'shape') {
      clauses.push({ id: clause.id, requires: clause.requires, result: 'blocked', detail: `not checked: first mend '${failed.id}'` });
    } else {
      clauses.push(checkClause(clause, game, seed, episodes, failed?.id));
    }
  }
  const id = typeof game?.id === 'string' ? game.id : 'unnamed';
  return { game: id, ok: clauses.every(({ result }) => result === 'pass' || result === 'not-applicable'), seed, episodes, clauses };
}

function checkClause({ id, requires, check }: Clause, game: Game, seed: number, episodes: number, failed: string | undefined): ClauseReport {
  let latest: Walk | undefined;
  const context: Context = {
    game,
    seed,
    episodes,
    walk: (episode) => (latest = new Walk(game, seed, episode)),
  };
  try {
    const reason = check(context);
    return typeof reason === 'string' ? { id, requires, result: 'not-applicable', detail: reason } : { id, requires, result: 'pass' };
  } catch (error) {
    const witness = latest?.witness();
    if (error instanceof Breach) return { id, requires, result: 'fail', detail: error.message, witness };
    const message = error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : String(error);
    // What throws because of an earlier fault would only repeat it.
    if (failed !== undefined) return { id, requires, result: 'blocked', detail: `not checked (${message}): first mend '${failed}'`, witness };
    return { id, requires, result: 'fail', detail: `the game threw ${message}`, witness };
  }
}

const MARKS = { pass: 'ok', fail: 'FAIL', 'not-applicable': '-', blocked: 'blocked' } as const;

/** The report for a terminal: one line a clause, and below a failed one what is required and where it broke. */
export function describeReport(report: ContractReport): string {
  const lines: string[] = [];
  for (const { id, requires, result, detail, witness } of report.clauses) {
    lines.push(`${MARKS[result].padEnd(7)} ${id.padEnd(11)} ${result === 'fail' ? (detail ?? '') : result === 'pass' ? requires : (detail ?? '')}`.trimEnd());
    if (result !== 'fail') continue;
    lines.push(`        required:   ${requires}`);
    if (witness !== undefined) {
      const moves = witness.moves.length === 0 ? 'the start' : witness.moves.join(' ');
      lines.push(`        first seen: seed ${witness.seed}, game ${witness.episode}, ply ${witness.ply}, after ${moves}`);
    }
  }
  const failures = report.clauses.filter(({ result }) => result === 'fail').length;
  lines.push(report.ok ? `${report.game} keeps to the contract (${report.episodes} random games a clause).` : `${report.game} breaks ${failures} clause${failures === 1 ? '' : 's'} of the contract.`);
  return lines.join('\n');
}
