import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createRng } from '#engine';
import { AgentHost } from '../agents/hosted.js';
import { runMatch } from '../match.js';
import { UciSession } from './session.js';

const open: UciSession[] = [];
afterEach(async () => {
  for (const session of open.splice(0)) {
    session.hear('quit');
    await session.over;
  }
});

class Dialogue {
  readonly heard: string[] = [];
  readonly session: UciSession;
  private wake: () => void = () => undefined;

  constructor(agent = 'uct:sims=200') {
    this.session = new UciSession({ agent, title: 'Test', write: (line) => {
      this.heard.push(line);
      this.wake();
    } });
    open.push(this.session);
  }

  say(...lines: string[]): this {
    for (const line of lines) this.session.hear(line);
    return this;
  }

  /** The first line not yet waited for that matches. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const at = this.heard.findIndex((line, i) => i >= this.seen && pattern.test(line));
      if (at >= 0) {
        this.seen = at + 1;
        return this.heard[at];
      }
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
  private seen = 0;
}

const bestmove = /^bestmove [a-h][1-8][a-h][1-8][nbrq]?( ponder \S+)?$/;

describe('a dialogue', () => {
  test('from the handshake to the first move', async () => {
    const d = new Dialogue().say('uci', 'isready', 'ucinewgame', 'position startpos moves e2e4', 'go nodes 300');
    await d.until(/^uciok$/);
    await d.until(/^readyok$/);
    await d.until(bestmove);
    expect(d.heard[0]).toBe('id name Test');
    expect(d.heard.filter((line) => line.startsWith('option name ')).length).toBeGreaterThan(4);
    expect(d.heard.at(-2)).toMatch(/^info depth \d+ seldepth \d+ multipv 1 score cp -?\d+ nodes 300 nps \d+ time \d+ pv( [a-h][1-8][a-h][1-8][nbrq]?)+$/);
  });

  test('infinite: reports meanwhile, isready answered at once, the move only after stop, and stop twice is stop once', async () => {
    const d = new Dialogue().say('stop', 'position startpos', 'go infinite');
    await d.until(/^info depth/);
    d.say('isready');
    expect(d.heard.at(-1)).toBe('readyok');
    expect(d.heard.some((line) => line.startsWith('bestmove'))).toBe(false);
    d.say('stop', 'stop');
    await d.until(bestmove);
    d.say('stop', 'isready');
    await d.until(/^readyok/);
    expect(d.heard.filter((line) => line.startsWith('bestmove'))).toHaveLength(1);
  });

  test('infinite waits for the stop also where everything is known', async () => {
    // Mate in one; the other position is a draw by the rules.
    for (const [fen, known] of [['6k1/5ppp/8/8/8/8/5PPP/4R1K1 w - - 0 1', /^info depth \d.* score mate 1 /], ['8/8/8/8/8/8/8/K1k5 w - - 0 1', /^info depth 0 score cp 0/]] as const) {
      const d = new Dialogue().say(`position fen ${fen}`, 'go infinite');
      await d.until(known);
      for (let i = 0; i < 3; i++) {
        d.say('isready');
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      expect(d.heard.some((line) => line.startsWith('bestmove'))).toBe(false);
      await d.say('stop').until(/^bestmove (e1e8|a1)/);
    }
  });

  test('a stop that comes before the agent has begun still brings a move', async () => {
    const d = new Dialogue();
    d.say('go infinite', 'stop');
    await d.until(bestmove);
  });

  test('a go while it thinks ends the first search; each gets its move, of its own position', async () => {
    const d = new Dialogue().say('position startpos', 'go infinite');
    await d.until(/^info depth/);
    d.say('position fen 6k1/5ppp/8/8/8/8/5PPP/4R1K1 w - - 0 1', 'go nodes 100');
    expect(await d.until(bestmove)).not.toMatch(/e1e8/);
    expect(await d.until(bestmove)).toBe('bestmove e1e8');
    expect(d.heard.filter((line) => line.includes('score mate 1 ')).length).toBeGreaterThan(0);
  });

  test('ponder: thinks on until ponderhit, then for its time', async () => {
    const d = new Dialogue().say('position startpos', 'go ponder wtime 500 btime 500');
    await d.until(/^info depth/);
    expect(d.heard.some((line) => line.startsWith('bestmove'))).toBe(false);
    await d.say('ponderhit').until(bestmove);
  });

  test.each([
    ['go depth 2', /^info depth 2/], ['go movetime 30', /^info/], ['go wtime 400 btime 1', /^info/], ['go btime 400', /^info .* nodes 200 /], ['go', /^info .* nodes 200 /], ['go nodes 0', /^info .* nodes 1 /],
    ['go wtime -5 btime -5 movestogo 0', /^info/], ['go searchmoves h2h4', /pv h2h4/], ['go nodes 50 searchmoves h2h5', /none of the searchmoves is legal/], ['go nodes 20 x y z', /passed over in go: x y z/],
  ])('%s', async (line, expected) => {
    const d = new Dialogue().say('position startpos', line);
    await d.until(bestmove);
    expect(d.heard.some((text) => expected.test(text))).toBe(true);
  });

  test('searchmoves are all that is searched, and multipv shows each, the move to play first', async () => {
    const d = new Dialogue().say('setoption name MultiPV value 5', 'setoption name UCI_ShowWDL value true', 'position startpos', 'go nodes 400 searchmoves a2a3 h2h4');
    const move = (await d.until(bestmove)).split(' ')[1];
    expect(['a2a3', 'h2h4']).toContain(move);
    const last = d.heard.slice(-3, -1);
    expect(last.map((line) => / multipv (\d) .* wdl \d+ \d+ \d+ .* pv (\w+)/.exec(line)?.slice(1))).toEqual([['1', move], ['2', move === 'a2a3' ? 'h2h4' : 'a2a3']]);
  });

  test('no legal move; mate in two found and named', async () => {
    await new Dialogue().say('position startpos moves f2f3 e7e5 g2g4 d8h4', 'go movetime 50').until(/^bestmove \(none\)$/);
    await new Dialogue().say('position fen 7k/5Q2/6K1/8/8/8/8/8 b - - 0 1', 'go').until(/^bestmove \(none\)$/);
    // King and two rooks: a mate in two for every quiet waiting move of the other side.
    const d = new Dialogue().say('position fen 7k/8/8/8/8/8/R7/1R4K1 w - - 0 1', 'go mate 2');
    await d.until(bestmove);
    expect(d.heard.at(-2)).toMatch(/score mate [23] /);
  });

  test('options: what cannot be is said, a wrong agent leaves the one before', async () => {
    const d = new Dialogue().say('setoption name Hsh value 64', 'setoption name multipv value 900', 'setoption name Agent value uctt', 'setoption name Agent value random', 'position startpos', 'go nodes 100');
    await d.until(bestmove);
    const notes = d.heard.filter((line) => line.startsWith('info string'));
    expect(notes).toEqual([expect.stringMatching(/no option 'Hsh'; did you mean 'Hash'/), expect.stringMatching(/MultiPV is a whole number from 1 to 64, not '900'/)]);
    expect(d.heard.filter((line) => line.startsWith('info depth'))).toEqual([expect.stringMatching(/^info depth 1 seldepth 1 multipv 1 time \d+ pv \w{4}$/)]);
    d.say('setoption name Agent value uctt', 'isready');
    expect(await d.until(/uctt/)).toMatch(/did you mean 'uct'\?.*random plays on/);
    await d.until(/^readyok/);
  });

  test('wrong positions leave the one before', async () => {
    const d = new Dialogue().say('position fen 8/6k1/8/8/8/8/8/R5KR w - - 0 1', 'position fen 8/8 w', 'position startpos moves e2e5', 'go nodes 50');
    expect(await d.until(bestmove)).toMatch(/^bestmove (a1|g1|h1)/);
    expect(d.heard.filter((line) => line.includes('the position before stays'))).toHaveLength(2);
  });

  test('the end of the input lets a finite search end and stops an endless one', async () => {
    for (const line of ['go nodes 150', 'go infinite']) {
      const d = new Dialogue().say('position startpos', line);
      d.session.hearEnd();
      await d.session.over;
      expect(d.heard.at(-1)).toMatch(bestmove);
    }
  });

  test('an agent that cannot start ends the session with the reason', async () => {
    const session = new UciSession({ agent: 'az:/nowhere', title: 'Test', write: () => undefined });
    await expect(session.over).rejects.toThrow("no model at '/nowhere'");
  });

  test('alpha-beta hears a stop too', async () => {
    const d = new Dialogue('alphabeta:depth=40').say('position startpos', 'go infinite', 'isready');
    await d.until(/^readyok/);
    await d.say('stop').until(bestmove);
  });
});

test('the tree is kept where a position continues the last one, and the visits with it', async () => {
  const host = await AgentHost.start({ game: 'chess', agent: 'uct:sims=10' });
  try {
    const visits = async (moves: readonly number[], simulations: number): Promise<[number, readonly number[]]> => {
      const { lines = [] } = await host.analyse({ position: { moves }, seed: 1 }, { think: { limits: { simulations }, lines: 300 } });
      return [lines.reduce((sum, line) => sum + line.visits, 0), lines[0].actions];
    };
    const [first, line] = await visits([], 4000);
    expect(first).toBe(4000);
    const [kept] = await visits(line.slice(0, 1), 16);
    expect(kept).toBeGreaterThan(16);
    expect((await visits([], 16))[0]).toBe(16);
  } finally {
    await host.close();
  }
});

test('whatever is sent, each go is answered by one move, and it still listens', async () => {
  const rng = createRng('uci fuzz');
  const words = ['uci', 'isready', 'position', 'startpos', 'fen', 'moves', 'e2e4', 'e7e5', 'go', 'nodes', 'depth', 'infinite', 'stop', 'ponderhit', 'ponder', 'setoption', 'name', 'value', 'MultiPV', 'Threads', 'UCI_ShowWDL', 'true', '3', '-1',
    '99999999999999999999', 'wtime', 'winc', 'movestogo', 'searchmoves', 'ucinewgame', 'mate', '8/8/8/8/8/8/8/K1k5', 'w', '-', '0', '\u0000', '💥', '\u001b[31m', 'x'.repeat(300)];
  const real = ['position startpos moves e2e4 e7e5 g1f3', 'position fen 6k1/5ppp/8/8/8/8/5PPP/4R1K1 w - - 0 1 moves e1e8', 'go nodes 30', 'go infinite', 'stop', 'go wtime 10 btime 10 movestogo 1', 'setoption name MultiPV value 2', 'isready', 'ucinewgame', 'go movetime 5', 'position startpos'];
  const pick = <T>(list: readonly T[]): T => list[rng.below(list.length)];
  const mutated = (line: string): string => {
    const at = rng.below(line.length + 1);
    return rng.below(2) === 0 ? line.slice(0, at) + pick(words) + line.slice(at) : line.slice(0, at) + line.slice(at + 1 + rng.below(4));
  };
  const d = new Dialogue('uct:sims=20');
  let asked = 0;
  for (let i = 0; i < 400; i++) {
    const kind = rng.below(3);
    const line = kind === 0 ? Array.from({ length: 1 + rng.below(6) }, () => pick(words)).join(' ') : kind === 1 ? mutated(pick(real)) : pick(real);
    // Another count of threads would start another worker each time.
    if (/\bquit\b|Threads|Hash/.test(line)) continue;
    const first = line.split(/\s+/).find((word) => ['uci', 'isready', 'ucinewgame', 'stop', 'ponderhit', 'd', 'debug', 'register', 'setoption', 'position', 'go'].includes(word));
    if (first === 'go') asked++;
    d.say(line);
    if (rng.below(8) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  d.say('stop', 'isready');
  await d.until(/^readyok$/);
  d.say('position startpos', 'go nodes 10');
  while (d.heard.filter((line) => line.startsWith('bestmove')).length <= asked) await d.until(/^bestmove/);
  expect(asked).toBeGreaterThan(50);
  expect(d.heard.filter((line) => line.startsWith('bestmove'))).toHaveLength(asked + 1);
  expect(d.heard.every((line) => !/\p{C}/u.test(line))).toBe(true);
});

describe('in a match, as any other engine', () => {
  let folder: string;
  let engine: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ludus-uci-'));
    engine = join(folder, 'ludus-uci');
    const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
    writeFileSync(engine, `#!/bin/sh\nexec "${process.execPath}" "${main}" uci --agent uct:sims=20\n`);
    chmodSync(engine, 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('against random moves', async () => {
    const result = await runMatch({ game: 'chess', a: `uci:${engine},nodes=12,MultiPV=2`, b: 'random', pairs: 1, seed: 3, threads: 1, openingPlies: [4, 4] });
    expect(result).toMatchObject({ games: 2, failures: [] });
    expect(result.score).toBeGreaterThanOrEqual(0.5);
  });

  test.each([['FAKE_FAULT', 'crash', 'crash', /its process ended \(3\)/], ['FAKE_MOVE', 'e2e5', 'illegal', /not a legal action/]])('an engine with %s=%s loses both games of its pair, and the match goes on', async (variable, value, end, message) => {
    process.env[variable] = value;
    try {
      const fake = fileURLToPath(new URL('../agents/uci/fake-engine.mjs', import.meta.url));
      const result = await runMatch({ game: 'chess', a: `uci:${fake},nodes=1`, b: 'random', pairs: 2, seed: 1, threads: 1 });
      expect(result).toMatchObject({ games: 4, losses: 4, failures: [{ by: 'a', end, games: 4, message: expect.stringMatching(message) }] });
    } finally {
      delete process.env[variable];
    }
  });

  test.skipIf(!existsSync('/usr/games/stockfish'))('against Stockfish, which wins', async () => {
    const result = await runMatch({ game: 'chess', a: `uci:${engine},nodes=20`, b: 'uci:stockfish,depth=4', pairs: 1, seed: 3, threads: 1, openingPlies: [4, 4] });
    expect(result).toMatchObject({ games: 2, losses: 2, failures: [] });
  });
});
