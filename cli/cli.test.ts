/** The command line as a user meets it: from dist, in a process of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { latestCheckpoint, readManifest } from '#selfplay';

const root = fileURLToPath(new URL('..', import.meta.url));
const main = join(root, 'dist/cli/main.js');
let work: string;

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'ludus-cli-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function ludus(args: readonly string[], input = ''): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: work, encoding: 'utf8', input });
  return { code: status, out: stdout, err: stderr };
}

/** The object on the last line of stdout. */
const last = (outcome: Outcome): Record<string, unknown> => JSON.parse(outcome.out.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;

describe('help', () => {
  it.each([[], ['train'], ['match'], ['eval'], ['bench'], ['solve'], ['games'], ['agents'], ['doctor'], ['play'], ['start'], ['config'], ['perft'], ['sweep'], ['diagnose'], ['report']])('%s --help teaches and ends with 0', (...command) => {
    const { code, out } = ludus([...command, '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/Usage: ludus/);
    expect(out.length).toBeGreaterThan(200);
  });
});

describe('mistakes are named, with what would be right', () => {
  it.each([
    ['an unknown command', ['tran', 'connect4'], 2, /did you mean.*train/is],
    ['an unknown option', ['bench', '--secnds', '3'], 2, /unknown option.*did you mean --seconds/is],
    ['an unknown game', ['train', 'conect4'], 2, /unknown game 'conect4'; did you mean 'connect4'/],
    ['an unknown agent', ['match', '--game', 'connect4', '--a', 'uctt', '--b', 'random'], 2, /did you mean 'uct'/],
    ['an unknown agent option', ['match', '--game', 'connect4', '--a', 'uct:simz=3', '--b', 'random'], 2, /did you mean 'sims'/],
    ['an unknown setting', ['train', 'connect4', '--run', 'r', '--set', 'search.simulation=3'], 2, /did you mean 'search.simulations'/],
    ['a setting of the wrong kind', ['train', 'connect4', '--run', 'r', '--set', 'learner.batch=many'], 2, /learner.batch/],
    ['a task for one player, by self-play', ['train', 'breakout', '--run', 'r', '--algo', 'alphazero'], 2, /Breakout cannot be learnt by AlphaZero.*ppo/],
    ['a table for pixels', ['train', 'breakout', '--run', 'r', '--algo', 'qlearning'], 2, /qlearning cannot learn Breakout.*far more positions than a table.*dqn/],
    ['a game for two, by PPO', ['train', 'connect4', '--run', 'r', '--algo', 'ppo'], 2, /game for two.*alphazero/],
    ['processor time for a task', ['train', 'cartpole', '--run', 'r', '--cpu-minutes', '1'], 2, /--cpu-minutes is for self-play of two/],
    ['an unknown benchmark', ['bench', 'serch'], 2, /did you mean 'search'/],
    ['a number that is none', ['match', '--game', 'connect4', '--a', 'random', '--b', 'random', '--pairs', 'ten'], 2, /'ten' is not a whole number/],
    ['a model that is not there', ['match', '--game', 'connect4', '--a', 'az:nowhere', '--b', 'random', '--pairs', '1'], 2, /no model at 'nowhere'/],
    ['an illegal position', ['solve', 'connect4', '1111111'], 2, /cannot set up '1111111'/],
    ['positions that are not there', ['eval', 'connect4', '--agent', 'random', '--positions', 'none.csv'], 2, /cannot read positions from none.csv/],
    ['a perft of nothing', ['perft', 'startpos'], 2, /takes a position and a depth/],
    ['a perft of a FEN without quotes', ['perft', '8/8/8/8/8/8/8/8', 'w'], 2, /a FEN stands in quotes/],
    ['a game module that is not there', ['games', 'check', './none.js'], 3, /none.js/],
    ['a folder that is no run', ['train', 'tic-tac-toe', '--run', '/usr'], 3, /something else than a run/],
  ] as const)('%s', (_, args, code, message) => {
    const result = ludus(args);
    expect(result.err).toMatch(message);
    expect(result.err).not.toMatch(/\n\s+at /); // no stack
    expect(result.code).toBe(code);
  });

  it('a damaged line of a positions file', () => {
    writeFileSync(join(work, 'bad.csv'), 'moves,scores\n44,1;2;3;4;5;6;x\n');
    const { code, err } = ludus(['eval', 'connect4', '--agent', 'random', '--positions', 'bad.csv']);
    expect(err).toMatch(/bad.csv, line 2: 'x' is not a score/);
    expect(code).toBe(3);
  });

  it('a port in use', async () => {
    const blocker = createServer();
    const port = await new Promise<number>((resolve) => blocker.listen(0, '127.0.0.1', () => resolve((blocker.address() as { port: number }).port)));
    try {
      const { code, err } = await new Promise<{ code: number | null; err: string }>((resolve) => {
        const child = spawn(process.execPath, [main, 'start', '--no-train', '--port', String(port), '--run', 'port'], { cwd: work });
        let text = '';
        child.stderr.on('data', (data: Buffer) => (text += data.toString()));
        child.on('close', (status) => resolve({ code: status, err: text }));
      });
      expect(err).toMatch(new RegExp(`port ${port} .*in use`));
      expect(code).toBe(4);
    } finally {
      blocker.close();
    }
  });
});

describe('answers', () => {
  it('solve: the exact scores of a position', () => {
    const result = last(ludus(['solve', 'connect4', '4434355227', '--json']));
    expect(result).toMatchObject({ outcome: 'win', best: ['3'], scores: { 1: -5, 2: -6, 3: 5, 4: -3, 5: -4, 6: -13, 7: -5 } });
  });

  it('match: pairs with sides swapped, reproducible by seed', () => {
    const args = ['match', '--game', 'connect4', '--a', 'uct:sims=60', '--b', 'random', '--pairs', '10', '--seed', '3', '--json'];
    const { seconds: _, ...one } = last(ludus(args));
    const { seconds: __, ...two } = last(ludus(args));
    expect(one).toEqual(two);
    expect(one).toMatchObject({ games: 20, distinctGames: 20 });
    expect(Number(one.wins)).toBeGreaterThan(15);
    for (const key of ['wins', 'draws', 'losses', 'elo', 'error']) expect(one).toHaveProperty(key);
  });

  it('eval: both forms of file give one verdict, and --plies restricts', () => {
    const rows = readFileSync(join(root, 'testdata/connect4-positions.csv'), 'utf8').trim().split('\n');
    const late = rows.filter((row, i) => i === 0 || Number(row.split(',')[1]) >= 24).slice(0, 81);
    writeFileSync(join(work, 'late.csv'), late.join('\n'));
    const lines = late.slice(1).map((row) => {
      const [moves, , scores] = row.split(',');
      return `${moves} ${Math.max(...scores.split(';').filter((s) => s !== '').map(Number))}`;
    });
    writeFileSync(join(work, 'late.txt'), lines.join('\n'));
    const judge = (file: string, ...more: string[]) => last(ludus(['eval', 'connect4', '--agent', 'uct:sims=100', '--positions', file, '--json', ...more]));
    const { seconds: _, byPly: __, ...csv } = judge('late.csv');
    const { seconds: ___, byPly: ____, ...text } = judge('late.txt');
    expect(csv).toEqual(text);
    expect(csv).toMatchObject({ positions: 80 });
    expect(judge('late.csv', '--plies', '25')).toMatchObject({ positions: late.slice(1).filter((row) => row.split(',')[1] === '25').length });
    expect(judge('late.csv', '--rows', 'odd')).toMatchObject({ positions: 40 });
    expect(last(ludus(['eval', 'connect4', '--agent', 'solver', '--positions', 'late.csv', '--json']))).toMatchObject({ optimal: 1, outcome: 1 });
  });

  it('eval chess: best moves, and the line of one that is not legal', () => {
    writeFileSync(join(work, 'best.csv'), 'fen,best\n6k1/5ppp/8/8/8/8/5PPP/4R1K1 w - - 0 1,e1e8\n');
    expect(last(ludus(['eval', 'chess', '--agent', 'uct:sims=2000', '--positions', 'best.csv', '--json']))).toMatchObject({ positions: 1, optimal: 1, missed: [] });
    writeFileSync(join(work, 'best.csv'), 'fen,best\nstartpos,e2e4\nstartpos,e2e5\n');
    expect(ludus(['eval', 'chess', '--agent', 'random', '--positions', 'best.csv'])).toMatchObject({ code: 3, err: expect.stringMatching(/best.csv, line 3: 'e2e5' is no legal move/) });
  });

  it('perft: one position, and a file with a wrong figure', () => {
    expect(last(ludus(['perft', 'startpos', '3', '--json']))).toMatchObject({ nodes: 8902, nodesPerSecond: expect.any(Number) });
    writeFileSync(join(work, 'perft.csv'), 'fen,depth,nodes\nstartpos,2,400\nstartpos,3,8901\n');
    const outcome = ludus(['perft', '--file', 'perft.csv', '--json']);
    expect(last(outcome)).toMatchObject({ positions: 2, wrong: [{ line: 3, nodes: 8902, expected: 8901 }], nodesPerSecond: expect.any(Number) });
    expect(outcome.code).toBe(1);
  });

  it('check-traces: recorded MinAtar episodes agree', () => {
    const file = join(root, 'testdata/minatar/traces.jsonl');
    expect(ludus(['check-traces', file, '--json'])).toMatchObject({ code: 0, out: expect.stringMatching(/"mismatches":0/) });
  });

  it('games, agents, config and doctor', () => {
    expect(last(ludus(['games', '--json'])).games).toEqual(expect.arrayContaining([expect.objectContaining({ id: 'connect4', solver: true })]));
    expect(last(ludus(['agents', '--json'])).agents).toEqual(expect.arrayContaining([expect.objectContaining({ kind: 'az' })]));
    expect(last(ludus(['config', 'connect4', '--json'])).settings).toEqual(expect.arrayContaining([expect.objectContaining({ key: 'search.simulations' })]));
    expect(last(ludus(['doctor', '--json']))).toMatchObject({ healthy: true });
  });

  it('play: a UCI engine, and one that is not there', () => {
    const engine = join(root, 'arena/agents/uci/fake-engine.mjs');
    expect(last(ludus(['play', 'chess', '--agent', `uci:${engine},nodes=1`, '--second', '--json'], 'quit\n'))).toMatchObject({ result: 'unfinished', moves: [322] });
    // It knows one move, and would play it twice.
    expect(ludus(['play', 'chess', '--agent', `uci:${engine},nodes=1`, '--second'], 'e5\n')).toMatchObject({ code: 4, err: expect.stringMatching(/named no legal move/) });
    expect(ludus(['play', 'chess', '--agent', 'uci:no-such-engine'])).toMatchObject({ code: 4, err: expect.stringMatching(/no program 'no-such-engine'/) });
    expect(ludus(['play', 'connect4', '--agent', `uci:${engine}`])).toMatchObject({ code: 2, err: expect.stringMatching(/plays chess, not Connect Four/) });
  });

  it('uci: an agent as an engine, to the end of its input', () => {
    const { code, out } = ludus(['uci', '--agent', 'uct'], 'uci\nisready\nposition startpos moves e2e4\ngo nodes 40\n');
    expect(out.trim().split('\n').at(-1)).toMatch(/^bestmove [a-h][1-8]/);
    expect(code).toBe(0);
    expect(ludus(['uci', '--agent', 'uctt'], 'uci\n')).toMatchObject({ code: 2, err: expect.stringMatching(/did you mean 'uct'/) });
  });

  it('play: a whole game in the terminal, with an illegal word on the way', () => {
    const moves = ['nonsense', 'moves', 'a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'c1', 'c2', 'c3'];
    const { code, out, err } = ludus(['play', 'tic-tac-toe', '--agent', 'solver', '--json'], `${moves.join('\n')}\n`);
    expect(err).toMatch(/'nonsense' is no legal move here/);
    expect(code).toBe(0);
    expect(['loss', 'draw']).toContain((JSON.parse(out.trim()) as { result: string }).result);
  });
});

describe('the shipped models', () => {
  it('tic-tac-toe does not lose to the solver', () => {
    const model = join(root, 'models/tic-tac-toe');
    expect(last(ludus(['match', '--game', 'tic-tac-toe', '--a', `az:${model},sims=50`, '--b', 'solver', '--pairs', '50', '--json']))).toMatchObject({ games: 100, losses: 0, failures: [] });
  });

  it('connect4 keeps the result of nearly every position', () => {
    const model = join(root, 'models/connect4');
    const result = last(ludus(['eval', 'connect4', '--agent', `az:${model},sims=50`, '--positions', join(root, 'testdata/connect4-positions.csv'), '--limit', '300', '--json']));
    expect(Number(result.outcome)).toBeGreaterThan(0.95);
  });
});

describe("a game of one's own", () => {
  it('is written, checked, learnt and played', () => {
    expect(ludus(['games', 'new', 'my-game']).code).toBe(0);
    expect(ludus(['games', 'new', 'my-game'])).toMatchObject({ code: 2 });
    expect(ludus(['games', 'check', './my-game.js', '--json'])).toMatchObject({ code: 0 });
    const trained = ludus(['train', './my-game.js', '--run', 'own', '--games', '40', '--no-evaluate', '--json', '--set', 'network.channels=8', '--set', 'network.blocks=1', '--set', 'search.simulations=4', '--set', 'actors.games=8', '--set', 'learner.minimum=64', '--set', 'learner.batch=32']);
    expect(trained.err).toBe('');
    expect(last(trained)).toMatchObject({ game: 'my-game' });
    expect(last(ludus(['match', '--game', './my-game.js', '--a', 'az:own,sims=8', '--b', 'random', '--pairs', '2', '--json']))).toMatchObject({ games: 4, failures: [] });
  });

  it('that breaks the contract is told so, with exit code 1', () => {
    const source = readFileSync(join(work, 'my-game.js'), 'utf8').replace(/observe\(out\) \{/, 'observe(out) { return;');
    writeFileSync(join(work, 'broken.js'), source);
    const { code, out } = ludus(['games', 'check', './broken.js']);
    expect(code).toBe(1);
    expect(out).toMatch(/FAIL +\S/);
  });
});

describe('runs', () => {
  const tiny = ['--set', 'network.hidden=16', '--set', 'search.simulations=4', '--set', 'actors.games=8', '--set', 'learner.minimum=64', '--set', 'learner.batch=32', '--no-evaluate'];

  it('end at a limit, resume, start others by --from, and refuse another game', () => {
    const first = last(ludus(['train', 'tic-tac-toe', '--run', 'ttt', '--steps', '20', '--json', ...tiny]));
    expect(first).toMatchObject({ game: 'tic-tac-toe', interrupted: false });
    const second = last(ludus(['train', 'tic-tac-toe', '--run', 'ttt', '--steps', '40', '--json']));
    expect(Number(second.games)).toBeGreaterThanOrEqual(Number(first.games));
    expect(Number(second.steps)).toBeGreaterThanOrEqual(40);
    const other = ludus(['train', 'tic-tac-toe', '--run', 'next', '--from', 'ttt', '--steps', '60', '--json', ...tiny]);
    expect(Number(last(other).steps)).toBeGreaterThanOrEqual(60);
    expect(ludus(['train', 'connect4', '--run', 'ttt', '--steps', '1'])).toMatchObject({ code: 3, err: expect.stringMatching(/run of tic-tac-toe/) });
  });

  it('a truncated checkpoint is refused by name', () => {
    const checkpoint = latestCheckpoint(join(work, 'ttt'))!.path;
    cpSync(checkpoint, join(work, 'damaged'), { recursive: true });
    truncateSync(join(work, 'damaged', 'model.onnx'), 1000);
    const { code, err } = ludus(['match', '--game', 'tic-tac-toe', '--a', 'az:damaged', '--b', 'random', '--pairs', '1']);
    expect(err).toMatch(/model.onnx/);
    expect(code).toBe(3);
  });

  it('diagnose: findings with figures, 1 for a problem, 3 for what is no run', () => {
    const outcome = ludus(['diagnose', 'ttt', '--json']);
    const found = last(outcome) as unknown as { level: string; findings: { check: string; level: string; measured: string }[] };
    expect(outcome.code).toBe(found.level === 'problem' ? 1 : 0);
    expect(found.findings).toEqual(expect.arrayContaining([expect.objectContaining({ check: 'checkpoint', level: 'ok' }), expect.objectContaining({ check: 'value-sign', measured: expect.stringMatching(/seat 0/) })]));
    cpSync(join(work, 'ttt'), join(work, 'blown'), { recursive: true });
    appendFileSync(join(work, 'blown/metrics.jsonl'), '{"type":"progress","steps":40,"losses":{"policy":null}}\n');
    expect(ludus(['diagnose', 'blown'])).toMatchObject({ code: 1, out: expect.stringMatching(/✗ Are the losses finite\? Training blew up[^]*→ Lower learner.learningRate/) });
    expect(ludus(['diagnose', 'nowhere'])).toMatchObject({ code: 3, err: expect.stringMatching(/nowhere is not a run directory/) });
  });

  it('report: one page that holds its games, the command that makes the run again, and its hashes', () => {
    expect(last(ludus(['report', 'ttt', '--json']))).toMatchObject({ out: 'ttt.html', games: 10 });
    const page = readFileSync(join(work, 'ttt.html'), 'utf8');
    expect(page).toContain('ludus train tic-tac-toe --set network.hidden=16 --set search.simulations=4');
    const { files } = readManifest(latestCheckpoint(join(work, 'ttt'))!.path);
    expect(page).toContain(files['model.onnx'].sha256);
    expect(page).not.toMatch(/(src|href)=/);
    expect(ludus(['report', 'nowhere'])).toMatchObject({ code: 3, err: expect.stringMatching(/nowhere is not a run directory/) });
    expect(ludus(['report', 'ttt', '--out', '.'])).toMatchObject({ code: 2, err: expect.stringMatching(/'.' is a folder; --out names a file/) });
  });

  it('Ctrl-C saves and says how to go on', async () => {
    const child = spawn(process.execPath, [main, 'train', 'tic-tac-toe', '--run', 'interrupted', ...tiny], { cwd: work });
    let out = '';
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const file = join(work, 'interrupted/metrics.jsonl');
        if (!existsSync(file) || !/"games":[1-9]/.test(readFileSync(file, 'utf8'))) return;
        clearInterval(timer);
        child.kill('SIGINT');
      }, 100);
      // All that it wrote has come then; at its exit some may still be on the way.
      child.on('close', () => {
        clearInterval(timer);
        resolve();
      });
    });
    expect(out).toMatch(/Interrupted and saved/);
    expect(out).toMatch(/ludus train tic-tac-toe --run interrupted/);
    expect(child.exitCode).toBe(0);
    expect(latestCheckpoint(join(work, 'interrupted'))).toBeDefined();
  });
});
