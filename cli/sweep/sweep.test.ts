/** `ludus sweep` of a game for two, as it is typed. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { readRun } from '#selfplay';
import { sweep, type SweepCommand } from '../commands/sweep.js';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ludus-cli-sweep-'));
  writeFileSync(join(folder, 'positions.txt'), 'a1 0\n0\nb2 0\nb2a1 0\na1b2 0\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function ludus(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'sweep', ...args], { cwd: folder, encoding: 'utf8' }, (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err }));
  });
}

interface Result {
  readonly positions: number;
  readonly variants: readonly {
    readonly name: string;
    readonly measures: Readonly<Record<string, { readonly n: number; readonly mean: number; readonly standardError: number | null; readonly difference: { readonly mean: number } }>>;
    readonly runs: readonly { readonly seed: number; readonly run: string; readonly verdicts: Readonly<Record<string, number>>; readonly processorMinutes: number; readonly steps: number }[];
  }[];
}
const resultOf = (out: string): Result => JSON.parse(out.trim().split('\n').at(-1) ?? '') as Result;

afterEach(() => vi.restoreAllMocks());

const set = ['network.hidden=8', 'actors.games=8', 'learner.minimum=64', 'learner.batch=32'];
const puct = 'puct:search.kind=puct,search.simulations=0:2,50:4';
const args = ['tic-tac-toe', ...set.flatMap((text) => ['--set', text]), '--seeds', '1', '--positions', 'positions.txt', '--simulations', '4', '--anchor', 'random', '--pairs', '2', '--out', 'out', '--json'];
/** The same, asked from within: for what starts no other process. */
const options = (more: Partial<SweepCommand>): SweepCommand => ({
  set, seeds: 1, seed: 1, positions: join(folder, 'positions.txt'), simulations: 4, anchor: ['random'], pairs: 2, out: join(folder, 'out'), json: true, ...more,
});

it('trains every variant for its time, judges each on odd rows, goes on with the same command, and refuses other settings', async () => {
  const first = await ludus(...args, '--variant', puct, '--cpu-minutes', '0.005');
  expect(first.err).toBe('');
  const one = resultOf(first.out);
  expect(one.positions).toBe(3);
  expect(one.variants.map(({ name, runs }) => [name, runs.map(({ seed }) => seed)])).toEqual([['default', [1]], ['puct', [1]]]);
  for (const { name, measures, runs } of one.variants) {
    for (const key of ['search', 'network', 'score/random']) {
      expect(measures[key], key).toMatchObject({ n: 1, mean: runs[0].verdicts[key], standardError: null });
      expect(measures[key].difference.mean, key).toBeCloseTo(measures[key].mean - one.variants[0].measures[key].mean, 12);
    }
    for (const key of ['search', 'network']) expect(Math.abs(3 * measures[key].mean - Math.round(3 * measures[key].mean)), key).toBeLessThan(1e-9);
    expect(runs[0].processorMinutes).toBeGreaterThan(0.004);
    const { config, info } = readRun(join(folder, 'out', name, 'seed-1'));
    expect(config).toMatchObject({ threads: 1, seed: 1, network: { hidden: [8] }, search: name === 'puct' ? { kind: 'puct', simulations: [[0, 2], [50, 4]] } : { kind: 'gumbel', simulations: 16 } });
    expect(info.sittings).toBe(1);
  }
  expect(readFileSync(join(folder, 'out/sweep.svg'), 'utf8')).toContain('puct (1)');
  const saved = (): Result => JSON.parse(readFileSync(join(folder, 'out/sweep.json'), 'utf8')) as Result;
  const runs = (result: Result) => result.variants.map((variant) => variant.runs.map(({ seed, verdicts, steps }) => ({ seed, verdicts, steps })));
  expect(runs(saved())).toEqual(runs(one));

  // Nothing is left to train or to judge.
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await sweep('tic-tac-toe', options({ variant: [puct], cpuMinutes: 0.005 }));
  expect(resultOf(String(written.mock.calls.at(-1)?.[0]))).toMatchObject({ positions: 3 });
  expect(runs(saved())).toEqual(runs(one));
  await expect(sweep('tic-tac-toe', options({ variant: ['puct:search.kind=puct'], cpuMinutes: 0.005 }))).rejects.toThrow(/puct.seed-1 was made with other settings \(search.simulations=0:2,50:4\)/);
  written.mockRestore();

  // Longer than it took so far, however far beyond its limit the first sitting went.
  const longer = resultOf((await ludus(...args, '--cpu-minutes', String(one.variants[0].runs[0].processorMinutes + 0.01))).out);
  expect(longer.variants.map(({ name }) => name)).toEqual(['default']);
  expect(longer.variants[0].runs[0].processorMinutes).toBeGreaterThan(one.variants[0].runs[0].processorMinutes);
  expect(readRun(join(folder, 'out/default/seed-1')).info.sittings).toBe(2);
}, 900_000);

it.each([
  ['a variant without settings', 'tic-tac-toe', { variant: ['puct'] }, /a variant is NAME:key=value/],
  ['an unknown setting of a variant', 'tic-tac-toe', { variant: ['a:search.simulation=3'] }, /did you mean 'search.simulations'/],
  ['two kinds of time', 'tic-tac-toe', { minutes: 1, cpuMinutes: 1 }, /one of --minutes and --cpu-minutes/],
  ['positions that are not there', 'tic-tac-toe', { positions: 'nowhere.csv' }, /cannot read positions from nowhere.csv/],
  ['nothing to judge by', 'chess', { set: [], anchor: undefined, positions: undefined }, /nothing to judge by.*--anchor AGENT/],
  ['an unknown anchor', 'tic-tac-toe', { anchor: ['solvr'] }, /did you mean 'solver'/],
  ['frames of self-play', 'tic-tac-toe', { frames: 3 }, /--frames is for tasks/],
  ['a variant of a task', 'cartpole', { variant: ['a:learner.batch=3'] }, /--variant is for self-play of two/],
] as const)('%s is named before anything starts', async (_, game, more, message) => {
  await expect(sweep(game, options({ ...more, out: join(folder, 'nothing') } as Partial<SweepCommand>))).rejects.toThrow(message);
  expect(existsSync(join(folder, 'nothing'))).toBe(false);
});
