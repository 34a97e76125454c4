/** How good a finished run is: exact positions with the network alone and with search, and points against anchors. Judged once. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { evaluatePositions, runMatch, type JudgedPosition } from '#arena';
import { latestCheckpoint, readManifest, replaceFile } from '#selfplay';

export interface Exam {
  /** As other threads can load it: an id or a path. */
  readonly game: string;
  readonly positions: readonly JudgedPosition[];
  /** Of a move of the agent with search. */
  readonly simulations: number;
  readonly anchors: readonly string[];
  /** Colour-swapped pairs of games against each anchor. */
  readonly pairs: number;
}

/** Shares in [0, 1] by name: `network` and `search` keep the exact result, `score/ANCHOR` of the points. */
export type Verdicts = Readonly<Record<string, number>>;

/** The measures of an exam: key in `Verdicts`, and for people. */
export function measuresOf({ positions, simulations, anchors }: Exam): { readonly key: string; readonly name: string }[] {
  return [
    ...(positions.length === 0 ? [] : [{ key: 'search', name: `${simulations} simulations` }, { key: 'network', name: 'network alone' }]),
    ...anchors.map((anchor) => ({ key: `score/${anchor}`, name: `points against ${anchor}` })),
  ];
}

const fileOf = (run: string): string => join(run, 'judged.json');

/** What the exam depends on: another network, other positions or settings are judged anew. */
function keyOf(run: string, { positions, simulations, anchors, pairs }: Exam): string | undefined {
  const checkpoint = latestCheckpoint(run);
  if (checkpoint === undefined) return undefined;
  return JSON.stringify([readManifest(checkpoint.path).files['model.onnx'].sha256, hashOf(positions), simulations, anchors, pairs]);
}

const hashes = new WeakMap<readonly JudgedPosition[], string>();

function hashOf(positions: readonly JudgedPosition[]): string {
  let hash = hashes.get(positions);
  if (hash === undefined) hashes.set(positions, (hash = createHash('sha256').update(JSON.stringify(positions)).digest('hex')));
  return hash;
}

/** The verdicts on a run's latest checkpoint, if it has been judged by this exam. */
export function verdictsOf(run: string, exam: Exam): Verdicts | undefined {
  if (!existsSync(fileOf(run))) return undefined;
  let saved: { key?: unknown; verdicts?: Verdicts };
  try {
    saved = JSON.parse(readFileSync(fileOf(run), 'utf8')) as typeof saved;
  } catch {
    // Whatever it was, it is made again.
    return undefined;
  }
  return saved.key === keyOf(run, exam) ? saved.verdicts : undefined;
}

/** Judges a run's latest checkpoint on one thread, unless that was done; nothing is kept when the signal aborts. */
export async function judgeRun(run: string, exam: Exam, signal: AbortSignal): Promise<void> {
  if (verdictsOf(run, exam) !== undefined) return;
  const { game, positions, simulations, anchors, pairs } = exam;
  const searching = `az:"${run}",sims=${simulations}`;
  const verdicts: Record<string, number> = {};
  const common = { game, seed: 'sweep', threads: 1, signal } as const;
  for (const [key, agent] of positions.length === 0 ? [] : [['network', `policy:"${run}"`], ['search', searching]]) {
    const { outcome } = await evaluatePositions({ ...common, agent, positions, wrong: 0 });
    if (outcome !== null) verdicts[key] = outcome;
  }
  for (const anchor of anchors) {
    const { score } = await runMatch({ ...common, a: searching, b: anchor, pairs });
    if (score !== null) verdicts[`score/${anchor}`] = score;
  }
  if (!signal.aborted) replaceFile(fileOf(run), `${JSON.stringify({ key: keyOf(run, exam), verdicts }, null, 1)}\n`);
}
