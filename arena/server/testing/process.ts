/** Starts `served`, asks it for its memory, ends it gently or not. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { workerUrl } from '#selfplay/system';
import type { ServedAnswer, ServedOptions } from './served.js';

export class ServerProcess {
  readonly url: string;
  readonly child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.child = child;
    this.url = url;
  }

  static async start(options: ServedOptions): Promise<ServerProcess> {
    const child = fork(fileURLToPath(workerUrl(import.meta.url, 'served')), [JSON.stringify(options)], { execArgv: ['--expose-gc'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const answer = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => undefined)]);
    if (answer === undefined) throw new Error('the server did not start');
    return new ServerProcess(child, (answer[0] as { url: string }).url);
  }

  /** Bytes that are held after a garbage collection, and that the process has. */
  async memory(): Promise<{ readonly heap: number; readonly resident: number }> {
    this.child.send('memory');
    const [answer] = (await once(this.child, 'message')) as [ServedAnswer];
    if ('url' in answer) throw new Error('the server has started again');
    return answer;
  }

  /** SIGKILL by default: nothing is saved on the way out. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill(signal);
    await once(this.child, 'exit');
  }
}
