/** A Python process that answers one request at a time, in msgpack over pipes. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Packr } from 'msgpackr';
import { UserError } from '#engine';

/** Plain maps, which any msgpack reads. */
const codec = new Packr({ useRecords: false, int64AsType: 'number' });
/** Of what it wrote to stderr, kept for the error message [characters]. */
const LAST_WORDS = 2000;
/** Least time that a process gets to start, import and make its environments [s]. */
const START_SECONDS = 120;
/** An answer longer than this is nonsense [bytes]. */
const LONGEST_ANSWER = 1 << 30;

/** The script lies beside its source; the built program finds it from dist/selfplay/gym. */
function bridge(): string {
  const candidates = ['./bridge.py', '../../../selfplay/gym/bridge.py'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) throw new UserError('environment', `the Gymnasium bridge is missing: ${candidates[1]}; install Ludus again`);
  return found;
}

export type Answer = Readonly<Record<string, unknown>>;

export class PythonProcess {
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  private readonly name: string;
  private readonly python: string;
  private readonly timeout: number;
  private readonly chunks: Buffer[] = [];
  private received = 0;
  private words = '';
  private waiting: { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void; readonly timer: NodeJS.Timeout } | undefined;
  private failure: UserError | undefined;
  private readonly ended: Promise<void>;

  /** `name` is the environment's, for messages; `timeout` in seconds, for each answer. */
  constructor(python: string, name: string, timeout: number) {
    this.name = name;
    this.python = python;
    this.timeout = timeout;
    this.child = spawn(python, ['-u', bridge()], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        this.fail(new UserError('environment', `the Python process of ${this.name} ended by itself (${signal ?? `exit code ${code}`})${this.lastWords()}`));
        resolve();
      });
    });
    this.child.once('error', (error: NodeJS.ErrnoException) => {
      this.fail(new UserError('environment', error.code === 'ENOENT' || error.code === 'EACCES'
        ? `there is no Python at '${python}'; install Python 3 with Gymnasium, or say where it is: ${name},python=/path/to/python3`
        : `cannot start '${python}' for ${name}: ${error.message}`));
    });
    // A process that died before it read everything: its end is told by 'close'.
    this.child.stdin.on('error', () => undefined);
    this.child.stdout.on('data', (chunk: Buffer) => this.receive(chunk));
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.words = (this.words + text).slice(-LAST_WORDS);
    });
  }

  /** Throws UserError: when the process is gone, does not answer in time, or says what went wrong. */
  request(message: Record<string, unknown>): Promise<Answer> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const seconds = message.op === 'open' ? Math.max(START_SECONDS, this.timeout) : this.timeout;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.fail(new UserError('environment', `${this.name} did not answer within ${seconds} s and was ended; if it is only slow, allow it more, with timeout=${seconds * 10}`));
        this.child.kill('SIGKILL');
      }, seconds * 1000);
      this.waiting = { resolve, reject, timer };
      const body = codec.pack(message);
      const head = Buffer.alloc(4);
      head.writeUInt32LE(body.length);
      this.child.stdin.write(Buffer.concat([head, body]));
    });
  }

  /** Ends the process, at once if it is at work. */
  async close(): Promise<void> {
    const busy = this.waiting !== undefined;
    this.fail(new UserError('environment', `${this.name} has been closed`));
    this.child.stdin.end();
    if (busy) this.child.kill('SIGKILL');
    // Without stdin it ends by itself; one that does not is made to.
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 2000);
    if (this.child.pid !== undefined) await this.ended;
    clearTimeout(timer);
  }

  private receive(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.received += chunk.length;
    if (this.received < 4) return;
    const first = this.chunks[0].length >= 4 ? this.chunks[0] : this.join();
    const length = first.readUInt32LE(0);
    if (length > LONGEST_ANSWER) {
      this.fail(new UserError('environment', `the Python process of ${this.name} answered something that is no message; is '${this.python}' Python 3?${this.lastWords()}`));
      this.child.kill('SIGKILL');
      return;
    }
    if (this.received < 4 + length) return;
    const all = this.join();
    this.chunks.length = 0;
    this.received = 0;
    this.answer(all.subarray(4, 4 + length));
  }

  private join(): Buffer {
    const all = Buffer.concat(this.chunks);
    this.chunks.splice(0, this.chunks.length, all);
    return all;
  }

  private answer(body: Buffer): void {
    const { waiting } = this;
    if (waiting === undefined) return;
    this.waiting = undefined;
    clearTimeout(waiting.timer);
    const answer = codec.unpack(body) as Answer;
    if (typeof answer.error === 'string') waiting.reject(this.trouble(answer.error, String(answer.message)));
    else waiting.resolve(answer);
  }

  private trouble(kind: string, message: string): UserError {
    const { name, python } = this;
    switch (kind) {
      case 'gymnasium': return new UserError('environment', `'${python}' has no Gymnasium (${message}); install it there: ${python} -m pip install gymnasium`);
      case 'ale': return new UserError('environment', `'${python}' has no Atari (${message}); install it there: ${python} -m pip install ale-py`);
      case 'rom': return new UserError('environment', `${name}: the game's ROM is missing (${oneLine(message)}); ale-py 0.10 and newer bring the ROMs: ${python} -m pip install --upgrade ale-py`);
      case 'make': return new UserError('usage', `${name} cannot be made: ${oneLine(message)}`);
      case 'space': case 'actions': return new UserError('usage', `${name} cannot be learnt here: ${message}`);
      default: return new UserError('environment', `${name} failed: ${oneLine(message)}`);
    }
  }

  private fail(error: UserError): void {
    this.failure ??= error;
    const { waiting } = this;
    if (waiting === undefined) return;
    this.waiting = undefined;
    clearTimeout(waiting.timer);
    waiting.reject(this.failure);
  }

  private lastWords(): string {
    const line = this.words.trim().split('\n').at(-1)?.trim();
    return line === undefined || line === '' ? '' : `: ${line}`;
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
