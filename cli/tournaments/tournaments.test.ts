/** Tournaments from the command line: from dist, in a process of its own. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'ludus-cups-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Outcome { readonly code: number | null; readonly out: string; readonly err: string }

function ludus(...args: string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: work, encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}
const last = ({ out }: Outcome): Record<string, unknown> => JSON.parse(out.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
const rounded = (value: unknown, digits: number): number => Number(Number(value).toFixed(digits));

describe('elo and sprt from counts: the golden numbers of the arena notes', () => {
  // W, D, L on the command line; the notes write W, L, D.
  it.each([
    ['136,111,96', 40.7025, 30.4272, 49.7684, 36.7685, 0.99601],
  ])('elo --games %s', (games, elo, margin, nelo, neloMargin, los) => {
    const found = last(ludus('elo', '--games', games, '--json'));
    expect(rounded(found.elo, 4)).toBe(elo);
    expect(rounded(found.margin, 4)).toBe(margin);
    expect([rounded(found.nelo, 4), rounded(found.nelo_margin, 4)]).toEqual([nelo, neloMargin]);
    expect(rounded(found.los, 6)).toBe(los);
  });

  it('elo --pairs', () => {
    const found = last(ludus('elo', '--pairs', '34,54,31,32,64,75', '--json'));
    expect([found.elo, found.margin, found.nelo, found.nelo_margin].map((x) => rounded(x, 4))).toEqual([55.5798, 27.6534, 57.9356, 28.2754]);
    expect(ludus('elo', '--pairs', '34,54,31,32,64,75').out).toMatch(/Elo 55\.58 ± 27\.65/);
  });

  it.each([
    [['--model', 'normalised', '--pairs', '365,16618,36029,200,16974,390', '--elo1', '2'], 2.2504],
    [['--model', 'logistic', '--pairs', '223,9863,20279,1000,10037,246', '--elo0', '.5', '--elo1', '2.5'], -3.0741],
    [['--model', 'bayesian', '--games', '136,111,96', '--elo1', '10'], 1.3618],
  ])('sprt %j', (args, llr) => {
    const found = last(ludus('sprt', ...args, '--json'));
    expect(rounded(found.llr, 4)).toBe(llr);
    expect(found).toMatchObject({ lower: expect.closeTo(-2.9444, 4), upper: expect.closeTo(2.9444, 4), state: llr > 2.9444 ? 'H1' : llr < -2.9444 ? 'H0' : 'continue' });
  });

  it('nothing is NaN where nothing is known', () => {
    expect(last(ludus('elo', '--games', '0,0,0', '--json'))).toMatchObject({ elo: null, margin: null, nelo: null, nelo_margin: null, los: null });
    expect(last(ludus('sprt', '--games', '0,0,0', '--json'))).toMatchObject({ llr: null, state: 'continue' });
    expect(ludus('elo', '--games', '5,0,0').out).toMatch(/Elo n\/a/);
  });
});

describe('a tournament from a file', () => {
  const file = join(work, 'cup.json');
  const ledger = join(work, 'tournaments/cup.jsonl');
  writeFileSync(file, JSON.stringify({ game: 'tic-tac-toe', agents: ['random', { agent: 'uct:sims=20', name: 'thinker' }, 'alphabeta:depth=2'], pairs: 6, seed: 2, threads: 1 }));

  it('plays, and the same command says the same without playing', () => {
    const first = ludus('tournament', file, '--json', '--csv', 'table.csv');
    expect(first.err).toBe('');
    expect(first.code).toBe(0);
    const report = last(first);
    expect(report).toMatchObject({ format: 'round-robin', state: 'finished', pairs: 18, games: 36, interrupted: false, ledger: 'tournaments/cup.jsonl' });
    const csv = readFileSync(join(work, 'table.csv'), 'utf8').trim().split('\n');
    expect(csv.length).toBe(4);
    expect(csv[0]).toMatch(/^rank,name,agent,elo,error95,se,games,points,wins,draws,losses,faults,/);
    const { seconds: _, ...again } = last(ludus('tournament', file, '--json'));
    const { seconds: __, ...before } = report;
    expect(again).toEqual(before);
    const text = ludus('tournament', file);
    expect(text.err).toMatch(/going on with tournaments\/cup\.jsonl: 18 of 18 pairs/);
    expect(text.out).toMatch(/wins-draws-losses of the row[\s\S]*thinker[\s\S]*Bradley–Terry[\s\S]*36 games in 18 pairs/);
    expect(existsSync(`${ledger}.lock`)).toBe(false);
  });

  it('its ledger is rated by each model', () => {
    for (const model of ['bt', 'davidson', 'raokupper', 'rao-kupper']) {
      const found = last(ludus('rate', ledger, '--model', model, '--json')) as { players: { name: string; elo: number; se: number }[]; los: (number | null)[][] };
      expect(found.players.length).toBe(3);
      for (const player of found.players) expect(player.se).toBeGreaterThan(0);
      expect(found.los[0][0]).toBeNull();
      expect(found.los[0][2]! + found.los[2][0]!).toBeCloseTo(1, 9);
    }
    expect(ludus('rate', ledger, '--anchor', 'random=0').out).toMatch(/random fixed at 0/);
  });

  it('says what is wrong with what it is given', () => {
    appendFileSync(ledger, '{"pair":0,"le');
    expect(ludus('rate', ledger).out).toMatch(/last line is torn and was skipped/);
    expect(ludus('tournament', file).err).toMatch(/last line was torn; it was cut off/);
    for (const [args, code, message] of [
      [['tournament', 'none.json'], 2, /cannot read the tournament file none\.json/],
      [['tournament'], 2, /name the game/],
      [['tournament', '--game', 'tic-tac-toe', '--agent', 'random'], 2, /at least 2 agents/],
      [['tournament', file, '--seed', '3'], 3, /ledger of another tournament: seed was 2 and is now 3/],
      [['rate', 'table.csv'], 3, /not a tournament's ledger/],
      [['rate', ledger, '--anchor', 'thinkr=0'], 2, /did you mean 'thinker'/],
      [['elo'], 2, /either --games W,D,L or --pairs/],
      [['elo', '--games', '1,2'], 2, /not 3 whole numbers/],
      [['sprt', '--pairs', '1,2,3,4,5,6', '--model', 'bayesian'], 2, /single games only/],
      [['sprt', '--games', '1,2,3', '--alpha', '0'], 2, /alpha is a probability/],
    ] as const) {
      const found = ludus(...args);
      expect([args, found.code]).toEqual([args, code]);
      expect(found.err).toMatch(message);
    }
  });
});

it('an SPRT is played until it is decided', () => {
  const outcome = ludus('sprt', '--game', 'tic-tac-toe', '--a', 'alphabeta:depth=9', '--b', 'random', '--elo1', '40', '--threads', '1', '--json');
  expect(outcome.code).toBe(0);
  expect(last(outcome)).toMatchObject({ state: 'H1', model: 'normalized', a: 'alphabeta:depth=9', b: 'random', interrupted: false });
  expect(readdirSync(join(work, 'tournaments')).some((name) => name.startsWith('tic-tac-toe-sprt-'))).toBe(true);
});

it.each(['tournament', 'rate', 'sprt', 'elo'])('%s --help teaches', (command) => {
  const { code, out } = ludus(command, '--help');
  expect(code).toBe(0);
  expect(out).toMatch(/Examples:/);
});
