/**
 * Kills a tournament with −9 at random moments, resumes it, and compares its crosstable with that of one that was left
 * alone. The tests do it a few times; `node dist/arena/tournament/survival.js 50` does it fifty times and says so.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createRng } from '#engine';
import { workerUrl } from '#selfplay/system';
import type { TournamentInput } from './config.js';

export interface Survival {
  readonly kills: number;
  /** Kills that came before the tournament was over, and of those, how many left half a line. */
  readonly inTime: number;
  readonly torn: number;
  /** Games that the killed sittings had played on average, of `games`. */
  readonly meanSaved: number;
  readonly games: number;
  /** Resumed crosstables that differed. */
  readonly different: number;
}

/** Mixed strengths, so that some games are long and some short, and two lanes. */
const tournament: TournamentInput = {
  game: 'tic-tac-toe', agents: ['uct:sims=2000', 'uct:sims=200', 'random'], pairs: 40, threads: 2, seed: 7,
};

const main = fileURLToPath(new URL('../../cli/main.js', workerUrl(import.meta.url, 'survival')));

/** Runs the command line; killed as soon as its ledger has `bytes`, where given. Resolves with stdout, or undefined when it was killed. */
function play(folder: string, file: string, ledger: string, bytes?: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, 'tournament', file, '--ledger', ledger, '--json'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    // By what it has written and not by the clock, so that a busy machine is killed at the same places.
    const timer = bytes === undefined ? undefined : setInterval(() => {
      if ((statSync(ledger, { throwIfNoEntry: false })?.size ?? -1) >= bytes) child.kill('SIGKILL');
    }, 1);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearInterval(timer);
      if (code === 0) resolve(out);
      else if (signal === 'SIGKILL') resolve(undefined);
      else reject(new Error(`the tournament ended with ${code ?? signal}: ${errors}`));
    });
  });
}

/** What must be identical: all but the times and the ledger's place. */
function crosstable(out: string): string {
  const { seconds: _, ledger: __, ...rest } = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
  return JSON.stringify(rest);
}

export async function survive(kills: number, seed: number, say: (line: string) => void = () => undefined): Promise<Survival> {
  const folder = mkdtempSync(join(tmpdir(), 'ludus-survival-'));
  const rng = createRng(seed).fork('kills');
  try {
    const file = join(folder, 'tournament.json');
    writeFileSync(file, JSON.stringify(tournament));
    const whole = join(folder, 'reference.jsonl');
    const reference = await play(folder, file, whole);
    if (reference === undefined) throw new Error('the reference was killed');
    const { size } = statSync(whole);
    const { games } = JSON.parse(reference) as { games: number };
    let inTime = 0;
    let torn = 0;
    let saved = 0;
    let different = 0;
    for (let i = 0; i < kills; i++) {
      const ledger = join(folder, `killed-${i}.jsonl`);
      // Mostly while games are played, now and then before the first.
      const killed = await play(folder, file, ledger, i % 8 === 7 ? 0 : 0.9 * size * rng.float());
      if (killed === undefined) inTime++;
      const bytes = statSync(ledger, { throwIfNoEntry: false }) === undefined ? Buffer.alloc(0) : readFileSync(ledger);
      if (bytes.length > 0 && bytes.at(-1) !== 10) torn++;
      // A kill between two writes leaves whole lines: some are torn by hand, as a power cut would.
      else if (bytes.length > 0 && i % 3 === 1) {
        writeFileSync(ledger, bytes.subarray(0, bytes.length - 1 - rng.below(Math.min(40, bytes.length - 1))));
        torn++;
      }
      const lines = bytes.toString('utf8').split('\n').length - 2;
      saved += Math.max(0, lines);
      const resumed = await play(folder, file, ledger);
      const same = resumed !== undefined && crosstable(resumed) === crosstable(reference);
      if (!same) different++;
      say(`${i + 1}/${kills}: killed with ${Math.max(0, lines)} of ${games} games, resumed: ${same ? 'identical' : 'DIFFERENT'}`);
    }
    return { kills, inTime, torn, meanSaved: saved / kills, games, different };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const result = await survive(Number(process.argv[2] ?? 50), Number(process.argv[3] ?? 1), (line) => process.stderr.write(`${line}\n`));
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exitCode = result.different === 0 ? 0 : 1;
}
