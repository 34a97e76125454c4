/** Gymnasium's environments as ours: several Python processes, each with some of them. */
import { UserError, createRng } from '#engine';
import type { Environments, TaskFacts } from '../tasks/types.js';
import { PythonProcess, type Answer } from './python.js';
import { makeGymSpec, type GymSpec } from './spec.js';
import { View, type Space } from './view.js';

const TERMINATED = 1;
const TRUNCATED = 2;

/** What a process says of its environments. */
export interface Opened {
  readonly process: PythonProcess;
  readonly space: Space;
  readonly actions: number;
  readonly pooled: boolean;
  readonly versions: string;
}

/** Starts a process with `count` environments. Throws UserError. */
export async function openProcess(spec: GymSpec, count: number): Promise<Opened> {
  const process = new PythonProcess(spec.python, makeGymSpec(spec), spec.timeout);
  // Repeating actions and merging frames is done here, so ALE must not do it too.
  const atari = spec.id.startsWith('ALE/') ? { frameskip: 1, obs_type: spec.grey ? 'grayscale' : 'rgb' } : {};
  try {
    const answer = await process.request({ op: 'open', id: spec.id, count, skip: spec.skip, lives: spec.life, pool: spec.skip > 1, keywords: { ...atari, ...spec.keywords } });
    return { process, space: answer.space as Space, actions: Number(answer.actions), pooled: answer.pooled === true, versions: String(answer.versions) };
  } catch (error) {
    await process.close();
    throw error;
  }
}

export class GymEnvironments implements Environments {
  readonly task: TaskFacts;
  readonly n: number;
  readonly planes: Float32Array;
  readonly legal: Uint8Array;
  readonly rewards: Float32Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  readonly finalPlanes: Float32Array;
  private readonly spec: GymSpec;
  private readonly view: View;
  private readonly processes: readonly PythonProcess[];
  private readonly rows: readonly Float32Array[];
  private readonly finalRows: readonly Float32Array[];
  /** Steps since the last reset, for messages. */
  private steps = 0;
  private failure: unknown;

  private constructor(task: TaskFacts, spec: GymSpec, n: number, processes: readonly PythonProcess[], view: View) {
    const size = task.planes[0] * task.planes[1] * task.planes[2];
    const row = (all: Float32Array) => Array.from({ length: n }, (_, i) => all.subarray(i * size, (i + 1) * size));
    this.task = task;
    this.spec = spec;
    this.n = n;
    this.processes = processes;
    this.view = view;
    this.planes = new Float32Array(n * size);
    this.finalPlanes = new Float32Array(n * size);
    this.rows = row(this.planes);
    this.finalRows = row(this.finalPlanes);
    this.legal = new Uint8Array(n * task.actionCount).fill(1);
    this.rewards = new Float32Array(n);
    this.terminated = new Uint8Array(n);
    this.truncated = new Uint8Array(n);
  }

  static async open(task: TaskFacts, spec: GymSpec, n: number): Promise<GymEnvironments> {
    const counts = Array.from({ length: Math.ceil(n / spec.envs) }, (_, i) => Math.min(spec.envs, n - i * spec.envs));
    const results = await Promise.allSettled(counts.map((count) => openProcess(spec, count)));
    const opened = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) {
      await Promise.all(opened.map(({ process }) => process.close()));
      throw failed.reason;
    }
    const view = new View(opened[0].space, spec, opened[0].pooled);
    return new GymEnvironments(task, spec, n, opened.map(({ process }) => process), view);
  }

  async reset(seed: number): Promise<void> {
    const root = createRng(seed);
    this.steps = 0;
    await this.all(
      (first, count) => ({ op: 'reset', seeds: Array.from({ length: count }, (_, i) => root.fork('environment', first + i).uint32() >>> 1) }),
      (answer, first, count) => {
        const rows = this.bytes(answer, 'rows', count * this.view.rowBytes);
        for (let i = 0; i < count; i++) this.look(first + i, () => this.view.begin(this.row(rows, i), this.rows[first + i]));
      },
    );
    this.rewards.fill(0);
    this.terminated.fill(0);
    this.truncated.fill(0);
  }

  async step(actions: Int32Array): Promise<void> {
    this.steps++;
    await this.all(
      (first, count) => ({ op: 'step', actions: Array.from(actions.subarray(first, first + count)) }),
      (answer, first, count) => this.read(answer, first, count),
    );
  }

  /** Another program's environments cannot be saved. */
  save(): undefined {
    return undefined;
  }

  restore(): Promise<void> {
    return Promise.reject(new Error('environments of another program are reset, not restored'));
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.close()));
  }

  private read(answer: Answer, first: number, count: number): void {
    const { view } = this;
    const rows = this.bytes(answer, 'rows', count * view.rowBytes);
    const flags = this.bytes(answer, 'flags', count);
    const ended = flags.reduce((sum, flag) => sum + (flag === 0 ? 0 : 1), 0);
    const finals = this.bytes(answer, 'finals', ended * view.rowBytes);
    const rewards = answer.rewards as readonly number[];
    for (let i = 0, final = 0; i < count; i++) {
      const at = first + i;
      const reward = rewards[i];
      if (!Number.isFinite(reward)) throw this.wrong(at, `a reward of ${reward}`);
      this.rewards[at] = this.spec.clip ? Math.sign(reward) : reward;
      this.terminated[at] = flags[i] === TERMINATED ? 1 : 0;
      this.truncated[at] = flags[i] === TRUNCATED ? 1 : 0;
      this.look(at, () => {
        if (flags[i] === 0) return view.push(this.row(rows, i), this.rows[at], this.rows[at]);
        view.push(this.row(finals, final++), this.rows[at], this.finalRows[at]);
        view.begin(this.row(rows, i), this.rows[at]);
      });
    }
  }

  /** The same request to every process at once, each for its own environments. The first failure ends them all. */
  private async all(request: (first: number, count: number) => Record<string, unknown>, read: (answer: Answer, first: number, count: number) => void): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    const { envs } = this.spec;
    try {
      const answers = await Promise.all(this.processes.map((process, p) => process.request(request(p * envs, Math.min(envs, this.n - p * envs)))));
      answers.forEach((answer, p) => read(answer, p * envs, Math.min(envs, this.n - p * envs)));
    } catch (error) {
      this.failure = error;
      await this.close();
      throw error;
    }
  }

  private look(environment: number, show: () => void): void {
    try {
      show();
    } catch (error) {
      throw error instanceof UserError ? this.wrong(environment, error.message) : error;
    }
  }

  private row(all: Buffer, i: number): Buffer {
    return all.subarray(i * this.view.rowBytes, (i + 1) * this.view.rowBytes);
  }

  private bytes(answer: Answer, name: string, length: number): Buffer {
    const bytes = answer[name];
    if (!Buffer.isBuffer(bytes) || bytes.length !== length) {
      throw new UserError('data', `${this.task.name} answered with ${Buffer.isBuffer(bytes) ? `${bytes.length} bytes` : 'nothing'} of ${name} at step ${this.steps}, where its observation space makes ${length}`);
    }
    return bytes;
  }

  private wrong(environment: number, what: string): UserError {
    return new UserError('data', `${this.task.name} gave ${what} (environment ${environment}, step ${this.steps} since its reset); nothing was learnt from that step, and the last checkpoint is kept`);
  }
}
