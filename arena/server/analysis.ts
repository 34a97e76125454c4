/** From what an agent and the solver found to what is shown. */
import type { Action } from '#engine';
import type { Analysis, Seat } from '#arena/protocol';
import type { Thought } from './thinking.js';

export interface AnalysisParts {
  readonly ply: number;
  readonly turn: Seat;
  readonly agent: string;
  readonly agentName: string;
  readonly source: Analysis['source'];
  readonly millis: number;
  /** Legal actions of the position, ascending. */
  readonly legal: readonly { action: Action; name: string }[];
  readonly thought: Thought;
  readonly line: readonly { action: Action; name: string }[];
  /** [actionCount], the solver's scores. */
  readonly exact?: readonly (number | undefined)[];
}

const finite = (x: number | undefined): number | null => (x !== undefined && Number.isFinite(x) ? x : null);

export function makeAnalysis(parts: AnalysisParts): Analysis {
  const { ply, turn, agent, agentName, source, legal, thought, line, exact } = parts;
  const report = thought.report;
  const found = new Map(report?.actions.map((entry) => [entry.action, entry]));
  const scores = legal.map(({ action }) => exact?.[action]).filter((score) => score !== undefined);
  return {
    ply, turn, agent, agentName, source, millis: Math.max(0, Math.round(parts.millis)),
    simulations: report?.simulations ?? 0,
    value: finite(report?.value),
    actions: legal.map(({ action, name }) => {
      const entry = found.get(action);
      return {
        action, name,
        prior: finite(entry?.prior), visits: entry?.visits ?? 0, value: finite(entry?.value), policy: finite(entry?.policy),
        proven: finite(entry?.proven), exact: finite(exact?.[action]),
      };
    }),
    principalVariation: [...line],
    exact: scores.length === legal.length && scores.length > 0 ? Math.max(...scores) : null,
  };
}
