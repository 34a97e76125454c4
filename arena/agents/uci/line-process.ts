/** A program that is spoken to in lines: started, heard with bounds, and ended for certain. */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { UserError } from '#engine';

/** A line beyond this is cut: no protocol here needs longer ones. */
const MAX_LINE = 64 * 1024;
/** Where Debian puts games' programs, which is not always on the PATH. */
const MORE_PLACES = ['/usr/games', '/usr/local/games'];

/** The program's file: a path as given, a name from the PATH. Throws UserError('environment') when there is none. */
export function findProgram(nameOrPath: string): string {
  const candidates = /[/\\]/.test(nameOrPath)
    ? [isAbsolute(nameOrPath) ? nameOrPath : resolve(nameOrPath)]
    : [...(process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''), ...MORE_PLACES].map((folder) => join(folder, nameOrPath));
  for (const file of candidates) {
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // The next place.
    }
  }
  throw new UserError('environment', /[/\\]/.test(nameOrPath)
    ? `there is no program at ${nameOrPath}`
    : `no program '${nameOrPath}' on the PATH or in ${MORE_PLACES[0]}: install it (Debian: apt-get install ${nameOrPath}), or give its path`);
}

export class LineProcess {
  private readonly child: ChildProcess;
  private buffer = '';
  private cut = false;
  private exit: string | undefined;
  private killed = false;
  /** The end of what it wrote to stderr. */
  private complaint = '';
  private readonly ended: Promise<void>;
  /** Called with each line, without its end; at most one listener. */
  onLine: (line: string) => void = () => undefined;
  /** Called once, when it is gone. */
  onExit: (why: string) => void = () => undefined;

  constructor(file: string) {
    this.child = spawn(file, [], { stdio: ['pipe', 'pipe', 'pipe'] });
    const { stdin, stdout, stderr } = this.child;
    stdout!.setEncoding('utf8').on('data', (text: string) => this.hear(text));
    stderr!.setEncoding('utf8').on('data', (text: string) => (this.complaint = (this.complaint + text).slice(-500)));
    // A program that is gone cannot be written to; `close` says the rest.
    stdin!.on('error', () => undefined);
    this.ended = new Promise((done) => {
      const gone = (why: string): void => {
        if (this.exit !== undefined) return;
        this.exit = why;
        this.onExit(why);
        done();
      };
      this.child.once('error', (error) => gone(error.message));
      this.child.once('close', (code, signal) => {
        const last = this.complaint.trim().split('\n').at(-1)?.slice(0, 120) ?? '';
        gone(`its process ended (${signal ?? code})${last === '' ? '' : `: ${last}`}`);
      });
    });
  }

  /** undefined while it lives and is meant to. */
  get gone(): string | undefined {
    return this.exit ?? (this.killed ? 'it was ended' : undefined);
  }

  send(line: string): void {
    if (this.exit === undefined) this.child.stdin!.write(`${line}\n`);
  }

  /** Asks it to end by `line`, and makes it when it does not. */
  async close(line: string, graceMillis = 500): Promise<void> {
    if (this.exit !== undefined) return;
    this.send(line);
    this.child.stdin!.end();
    const timer = setTimeout(() => this.kill(), graceMillis);
    await this.ended;
    clearTimeout(timer);
  }

  kill(): void {
    this.killed = true;
    this.child.kill('SIGKILL');
  }

  private hear(text: string): void {
    this.buffer += text;
    for (let end = this.buffer.indexOf('\n'); end >= 0; end = this.buffer.indexOf('\n')) {
      const line = this.buffer.slice(0, end).replace(/\r$/, '');
      this.buffer = this.buffer.slice(end + 1);
      if (!this.cut) this.onLine(line);
      this.cut = false;
    }
    if (this.buffer.length > MAX_LINE) {
      this.buffer = '';
      this.cut = true;
    }
  }
}
