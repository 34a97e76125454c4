import { mkdtemp, rm, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Diagnosis } from '#selfplay/diagnose';
import { createTaskTraining } from '#selfplay/tasks';
import { Diagnoses, type Diagnose } from './diagnoses.js';
import { createServer, observeTask, type Server } from './index.js';
import { Refusal } from './refusal.js';
import { Client, FirstMove } from './testing/client.js';

const diagnosis: Diagnosis = {
  run: '/secret/runs/r', game: 'connect4', algorithm: 'alphazero', step: 7, level: 'warning', reliability: [], seconds: 2,
  findings: [{ check: 'replay-age', title: 'Is the replay fresh?', level: 'warning', value: 3, measured: '3 h', threshold: '1 h', meaning: 'It is old.', change: 'x'.repeat(5000) }],
};

/** Diagnoses that end when the test says so, by a clock that the test sets. */
function stage() {
  const open: { resolve: (found: Diagnosis) => void; reject: (error: unknown) => void; progress: (what: string, share: number) => void }[] = [];
  const told: unknown[] = [];
  const clock = { now: 1000 };
  const diagnose: Diagnose = (_runDir, progress) => new Promise((resolve, reject) => open.push({ resolve, reject, progress }));
  return { open, told, clock, diagnoses: new Diagnoses({ runDir: '/secret/runs/r', now: () => clock.now, tell: (news) => told.push(news), diagnose }) };
}

describe('a diagnosis', () => {
  it('is one for all who ask, with its progress; soon after it the same is said again', async () => {
    const { open, told, clock, diagnoses } = stage();
    const both = [diagnoses.ask(), diagnoses.ask()];
    expect(open).toHaveLength(1);
    open[0].progress('asking the network', 0.05);
    clock.now = 11_000;
    open[0].resolve(diagnosis);
    const [first, second] = await Promise.all(both);
    expect(second).toBe(first);
    expect(first).toMatchObject({ at: 11_000, step: 7, level: 'warning', seconds: 2 });
    expect(first.findings[0]).toMatchObject({ check: 'replay-age', measured: '3 h', change: 'x'.repeat(1000) });
    expect(told).toEqual([{ what: 'asking the network', share: 0.05 }, first]);
    expect(diagnoses.last).toBe(first);
    // It took 10 s: the machine rests from it for 40.
    clock.now = 50_999;
    expect(await diagnoses.ask()).toBe(first);
    expect(open).toHaveLength(1);
    clock.now = 51_000;
    void diagnoses.ask();
    expect(open).toHaveLength(2);
  });

  it('that cannot be made is refused without saying where the run lies, and is no reason to try at once again', async () => {
    const { open, told, clock, diagnoses } = stage();
    const asked = diagnoses.ask();
    open[0].reject(new Refusal('no-training', '/secret/runs/r has no checkpoint yet'));
    await expect(asked).rejects.toThrow('r has no checkpoint yet');
    await expect(asked).rejects.not.toThrow(/secret/);
    expect(told).toEqual([null]);
    await expect(diagnoses.ask()).rejects.toThrow('no checkpoint yet');
    clock.now += 15_000;
    void diagnoses.ask();
    expect(open).toHaveLength(2);
  });
});

describe('a server', () => {
  let dir = '';
  let server: Server | undefined;
  beforeAll(async () => void (dir = await mkdtemp(join(tmpdir(), 'ludus-diagnose-'))));
  afterAll(() => rm(dir, { recursive: true }));

  it('diagnoses its run in a process beside, tells all who watch, and refuses what is no whole run', async () => {
    const runDir = join(dir, 'run');
    const training = await createTaskTraining({ runDir, game: 'cliff-walking', algorithm: 'qlearning', overrides: ['frames=20000'] });
    await training.run();
    await training.stop();
    const serve = () => createServer({ port: 0, dataDir: dir, workDir: dir, modelsDir: dir, webRoot: dir, agents: new FirstMove(), training: observeTask(runDir) });
    server = await serve();
    try {
      const [asking, watching] = await Promise.all([Client.greet(server), Client.greet(server)]);
      watching.send({ type: 'subscribe', topic: 'training' });
      await watching.next('training-status');
      asking.send({ type: 'diagnose', requestId: 5 });
      const { diagnosis: found, requestId } = await asking.next('diagnosis');
      expect(requestId).toBe(5);
      expect(found.findings.map(({ check }) => check)).toEqual(expect.arrayContaining(['checkpoint', 'losses-finite', 'returns']));
      expect(found.findings.find(({ check }) => check === 'returns')?.level).toBe('ok');
      expect((await watching.next('diagnosis')).diagnosis).toEqual(found);
      expect(watching.heard.some((message) => message.type === 'diagnosing')).toBe(true);
    } finally {
      await server.close();
    }
    const [checkpoint] = (await readdir(join(runDir, 'checkpoints'))).sort().reverse();
    await rm(join(runDir, 'checkpoints', checkpoint, 'learner.bin'));
    server = await serve();
    try {
      const client = await Client.greet(server);
      client.send({ type: 'diagnose', requestId: 6 });
      const refused = await client.next('error');
      expect(refused.requestId).toBe(6);
      expect(refused.message).toMatch(/is damaged: learner.bin: it is missing/);
      expect(refused.message).not.toContain(dir);
    } finally {
      await server.close();
    }
  }, 300_000);
});
