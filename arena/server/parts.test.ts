import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CheckpointView } from '#arena/protocol';
import { getGame } from '#games';
import { Catalogue } from './catalogue.js';
import { Curves, append, toSeries } from './curves.js';
import { defaultLimits } from './limits.js';
import { ThinkQueue, type ThinkKind } from './think-queue.js';
import { WindowAge } from './window-age.js';

describe('curves', () => {
  it('thins out, and keeps the newest point', () => {
    const curves = new Curves(100);
    for (let i = 0; i < 12_345; i++) curves.add({ elapsed: i, games: i, steps: i, values: { 'loss.total': -i } });
    const [series] = curves.all();
    expect(series.values.length).toBeGreaterThan(45);
    expect(series.values.length).toBeLessThanOrEqual(100);
    expect(series.elapsed.at(-1)).toBe(12_344);
    expect(series.values).toEqual(series.elapsed.map((e) => -e));
    expect(series.elapsed).toEqual([...series.elapsed].sort((a, b) => a - b));
  });

  it('passes over what is no number, and names that are none', () => {
    const values = { rating: Number.NaN, 'loss.total': Infinity, __proto__: 1, 'a b': 2, window: 3 };
    expect(toSeries({ elapsed: 1, games: 1, steps: 1, values }).map((s) => s.name)).toEqual(['window']);
    expect(toSeries({ elapsed: Number.NaN, games: 1, steps: 1, values })).toEqual([]);
  });

  it('lines errors up with values, also where a point had none', () => {
    const [to] = toSeries({ elapsed: 1, games: 1, steps: 1, values: { rating: 100 } });
    append(to, toSeries({ elapsed: 2, games: 2, steps: 2, values: { rating: 150 }, errors: { rating: 30 } })[0]);
    append(to, toSeries({ elapsed: 3, games: 3, steps: 3, values: { rating: 160 } })[0]);
    expect([to.values, to.errors]).toEqual([[100, 150, 160], [0, 30, 0]]);
  });
});

describe('the queue of searches', () => {
  const never = new AbortController().signal;
  const limits = { searches: 1, waitingAnalyses: 10, waitingPerOwner: 10 };
  const gate = () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => (open = resolve));
    return { open, opened };
  };

  it('serves persons before agents and analyses, and owners in turn', async () => {
    const queue = new ThinkQueue(limits);
    const order: string[] = [];
    const { open, opened } = gate();
    const job = (owner: string, kind: ThinkKind, name: string) =>
      queue.run(owner, kind, never, async () => {
        if (name === 'g0') await opened;
        order.push(name);
      });
    const all = [
      job('greedy', 'analysis', 'g0'), job('greedy', 'analysis', 'g1'), job('greedy', 'analysis', 'g2'), job('modest', 'analysis', 'm1'), job('modest', 'analysis', 'm2'),
      job('other', 'exhibition', 'show'), job('other', 'hint', 'hint'), job('other', 'move', 'move'),
    ];
    open();
    await Promise.all(all);
    expect(order).toEqual(['g0', 'move', 'hint', 'show', 'm1', 'g1', 'm2', 'g2']);
  });

  it('keeps one search free for moves, however many analyses there are', async () => {
    const queue = new ThinkQueue({ ...limits, searches: 2 });
    const { open, opened } = gate();
    const heavy = [1, 2, 3].map(() => queue.run('greedy', 'analysis', never, () => opened));
    expect([await queue.run('modest', 'move', never, async () => 'moved'), queue.active, queue.length]).toEqual(['moved', 1, 2]);
    open();
    await Promise.all(heavy);
  });

  it('refuses analyses beyond its length, of all and of one, never moves; drops what is called off at once; survives failures', async () => {
    const done: ThinkKind[] = [];
    const queue = new ThinkQueue({ searches: 1, waitingAnalyses: 2, waitingPerOwner: 1 }, (kind) => done.push(kind));
    const { open, opened } = gate();
    const first = queue.run('a', 'analysis', never, () => opened);
    const abort = new AbortController();
    const second = queue.run('a', 'analysis', abort.signal, async () => 'ran');
    await expect(queue.run('a', 'hint', never, async () => 0)).rejects.toMatchObject({ code: 'limit', message: expect.stringContaining('your') });
    const third = queue.run('b', 'analysis', never, async () => 'third');
    await expect(queue.run('c', 'analysis', never, async () => 0)).rejects.toMatchObject({ code: 'limit' });
    const move = queue.run('a', 'move', never, async () => {
      throw new Error('no');
    });
    abort.abort(new Error('called off'));
    await expect(second).rejects.toThrow('called off');
    expect(queue.length).toBe(2);
    open();
    await first;
    await expect(move).rejects.toThrow('no');
    expect(await third).toBe('third');
    expect(await queue.run('a', 'analysis', never, async () => 7)).toBe(7);
    expect(done).toEqual(['analysis', 'move', 'analysis', 'analysis']);
  });
});

describe('the catalogue', () => {
  const games = [{ game: getGame('connect4'), solved: true }];
  const checkpoint = (step: number): CheckpointView => ({ id: `step-${String(step).padStart(8, '0')}`, agent: null, step, games: step, positions: step, elapsed: step, rating: null, outcome: null, optimal: null, score: null });

  it('makes agent strings of ids only, within the limits', () => {
    const catalogue = new Catalogue(games, defaultLimits);
    catalogue.setRun('connect4', [checkpoint(10)], (id) => `/runs/a,b/${id}`);
    const entry = catalogue.get('connect4', 'run:step-00000010');
    expect(entry.spec(undefined)).toBe('az:"/runs/a,b/step-00000010",sims=200');
    expect(entry.spec({ simulations: 10_000_000 })).toBe(`az:"/runs/a,b/step-00000010",sims=${defaultLimits.simulations}`);
    expect(entry.spec({ millis: 600_000 })).toBe(`az:"/runs/a,b/step-00000010",time=${defaultLimits.millis}`);
    expect(catalogue.get('connect4', 'solver').spec({ simulations: 5 })).toBe('solver');
    for (const id of ['az:/etc', 'run:step-00000011', '__proto__', 'human']) expect(() => catalogue.get('connect4', id), id).toThrow(/there is no agent/);
    expect(() => catalogue.get('tic-tac-toe', 'run:step-00000010')).toThrow();
  });

  it('offers what MuZero learned as a search of its model, by simulations alone', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'ludus-models-'));
    try {
      await writeFile(join(dir, 'dynamics.onnx'), '');
      const catalogue = new Catalogue(games, defaultLimits);
      catalogue.setRun('connect4', [checkpoint(10)], () => dir);
      const entry = catalogue.get('connect4', 'run:step-00000010');
      expect(entry.spec(undefined)).toBe(`mz:"${dir}",sims=50`);
      expect(entry.spec({ simulations: 8 })).toBe(`mz:"${dir}",sims=8`);
      expect(entry.spec({ millis: 600_000 })).toBe(`mz:"${dir}",sims=50`);
      expect(entry.view).toMatchObject({ group: 'run', simulations: { default: 50 } });
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });

  it('shows some checkpoints of a long run, the newest and the oldest among them, and knows all', () => {
    const catalogue = new Catalogue(games, defaultLimits);
    catalogue.setRun('connect4', Array.from({ length: 500 }, (_, i) => checkpoint(i)), (id) => id);
    const shown = catalogue.views().filter((view) => view.group === 'run').map((view) => view.checkpoint);
    expect(shown).toHaveLength(48);
    expect(new Set(shown).size).toBe(48);
    expect([shown[0], shown.at(-1)]).toEqual(['step-00000499', 'step-00000000']);
    expect(catalogue.get('connect4', 'run:step-00000123').view.checkpoint).toBe('step-00000123');
  });

  it('finds shipped models by their manifest, and passes over the rest', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'ludus-models-'));
    try {
      for (const [name, manifest] of [['good', '{"game":{"id":"connect4","version":1}}'], ['task', '{"game":{"id":"freeway","version":1}}'], ['other', '{"game":{"id":"go","version":1}}'], ['broken', '{'], ['.hidden', '{"game":{"id":"connect4"}}']]) {
        await mkdir(join(dir, name));
        await writeFile(join(dir, name, 'checkpoint.json'), manifest);
      }
      const catalogue = new Catalogue(games, defaultLimits);
      await catalogue.addShipped(dir, (game) => game === 'connect4');
      expect(catalogue.views().filter((view) => view.group === 'shipped').map((view) => view.id)).toEqual(['model:good', 'model:task']);
      await catalogue.addShipped(join(dir, 'none'), () => true);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});

describe('the age of the replay window', () => {
  it('is the time since its median position came', () => {
    const age = new WindowAge();
    // 100 positions a second; a window of 1,000 holds ten seconds, so its median is five seconds old.
    const ages = Array.from({ length: 30 }, (_, i) => age.of({ elapsedSeconds: i, positions: 100 * i, windowPositions: Math.min(1000, 100 * i) }));
    expect(ages[4]).toBeCloseTo(2);
    expect(ages[29]).toBeCloseTo(5);
  });
  it('is not known without a window, nor when a run has been taken back', () => {
    const age = new WindowAge();
    expect(age.of({ elapsedSeconds: 1, positions: 100, windowPositions: 0 })).toBeUndefined();
    age.of({ elapsedSeconds: 2, positions: 200, windowPositions: 100 });
    expect(age.of({ elapsedSeconds: 3, positions: 150, windowPositions: 100 })).toBeUndefined();
  });
});
