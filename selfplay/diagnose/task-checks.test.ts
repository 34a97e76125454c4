/** A task's run, and the same run sabotaged. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { latestCheckpoint } from '../checkpoint.js';
import { createTaskTraining } from '../tasks/index.js';
import { diagnose, type Diagnosis, type Finding } from './index.js';

type Row = Record<string, unknown> & { losses: Record<string, unknown> };

let folder = '';
let healthy = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ludus-diagnose-task-'));
  healthy = join(folder, 'healthy');
  const training = await createTaskTraining({ game: 'cartpole', algorithm: 'ppo', runDir: healthy, overrides: ['frames=20000', 'environments=4', 'epochs=4'] });
  await training.run({ frames: 2000 });
  await training.stop();
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A copy with other metrics: so many rows like the last one, changed. */
function withRows(name: string, change: (row: Row, share: number) => Row): string {
  const runDir = join(folder, name);
  cpSync(healthy, runDir, { recursive: true });
  const file = join(runDir, 'metrics.jsonl');
  const last = readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Row).filter(({ type }) => type === 'task').at(-1) as Row;
  const rows = Array.from({ length: 100 }, (_, i) => change({ ...last, frames: 200 * (i + 1), steps: 10 * (i + 1) }, i / 100));
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return runDir;
}

const of = ({ findings }: Diagnosis, check: string): Finding | undefined => findings.find((finding) => finding.check === check);

test('a run that learns has no problem', async () => {
  const result = await diagnose(withRows('learns', (row, t) => ({ ...row, meanReturn: 20 + 100 * t, returnError: 3 })));
  expect(result).toMatchObject({ game: 'cartpole', algorithm: 'ppo', reliability: [] });
  expect(of(result, 'checkpoint')).toMatchObject({ level: 'ok' });
  expect(of(result, 'returns')).toMatchObject({ level: 'ok' });
  expect(result.level).not.toBe('problem');
});

test.each([
  ['returns', 'problem', /has been lost again/, (row: Row, t: number): Row => ({ ...row, meanReturn: t < 0.6 ? 200 * t : 20, returnError: 3 })],
  ['returns', 'warning', /have not risen/, (row: Row): Row => ({ ...row, meanReturn: 20, returnError: 3 })],
  ['policy-entropy', 'problem', /collapsed/, (row: Row): Row => ({ ...row, losses: { ...row.losses, entropy: 0.001 } })],
  ['policy-entropy', 'warning', /hardly moved/, (row: Row): Row => ({ ...row, losses: { ...row.losses, entropy: Math.log(2) } })],
  ['value-calibration', 'warning', /no better than a constant/, (row: Row): Row => ({ ...row, values: { explainedVariance: -0.2 } })],
  ['losses-finite', 'problem', /blew up/, (row: Row, t: number): Row => ({ ...row, losses: { ...row.losses, policy: t > 0.5 ? Number.NaN : 0.1 } })],
] as const)('%s: a %s is named', async (check, level, meaning, change) => {
  const found = of(await diagnose(withRows(`${check}-${level}`, change)), check);
  expect(found).toMatchObject({ level, meaning: expect.stringMatching(meaning) });
  expect(found?.change).toMatch(/learner\.\w+|frames|rewards/);
});

test('returns of a game for two, learnt against itself, are not judged', async () => {
  const runDir = withRows('for-two', (row, t) => ({ ...row, meanReturn: t < 0.6 ? 200 * t : 20, returnError: 3 }));
  const path = join(latestCheckpoint(runDir)?.path ?? '', 'checkpoint.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { config: object };
  writeFileSync(path, JSON.stringify({ ...manifest, config: { ...manifest.config, game: 'tic-tac-toe' } }));
  expect(of(await diagnose(runDir), 'returns')).toMatchObject({ level: 'unknown' });
});

test('a damaged checkpoint is refused by name', async () => {
  const runDir = withRows('damaged', (row) => row);
  const file = join(latestCheckpoint(runDir)?.path ?? '', 'learner.bin');
  const bytes = readFileSync(file);
  bytes[100] ^= 1;
  writeFileSync(file, bytes);
  await expect(diagnose(runDir)).rejects.toThrow(/is damaged: learner.bin: its hash does not match/);
});
