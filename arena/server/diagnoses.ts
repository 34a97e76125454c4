/**
 * `ludus diagnose` for those who watch a run: one at a time for all of them, in a process of its own that gives way to moves,
 * and not again before some time has passed.
 */
import { fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DiagnosisView } from '#arena/protocol';
import type { Diagnosis } from '#selfplay/diagnose';
import { workerUrl } from '#selfplay/system';
import { Refusal } from './refusal.js';

export type Diagnose = (runDir: string, onProgress: (what: string, share: number) => void, signal: AbortSignal) => Promise<Diagnosis>;

/** What the child says: how far it is, then what it found or why it could not. */
export type FromDiagnosis =
  | { readonly what: string; readonly share: number }
  | { readonly diagnosis: Diagnosis }
  | { readonly refused: string };

/** A diagnosis takes half a minute; one that takes so long has hung [ms]. */
const MOST_MILLIS = 10 * 60_000;
/** After a diagnosis the machine rests from it for so many times as long as it took, and at least so long [ms]. */
const REST_SHARE = 4;
const LEAST_REST_MILLIS = 15_000;
const GENTLE = 10;

/** In a process of its own, so that the store is opened as any other program would, and nothing of it weighs on the server. */
export const diagnoseInChild: Diagnose = (runDir, onProgress, signal) =>
  new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(workerUrl(import.meta.url, 'diagnosis-child')), [runDir], { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    const end = () => void child.kill('SIGKILL');
    const timer = setTimeout(end, MOST_MILLIS);
    signal.addEventListener('abort', end, { once: true });
    child.once('spawn', () => {
      try {
        setPriority(child.pid as number, GENTLE);
      } catch {
        // Then it runs like any other.
      }
    });
    child.on('message', (message: FromDiagnosis) => {
      if ('diagnosis' in message) resolve(message.diagnosis);
      else if ('refused' in message) reject(new Refusal('no-training', message.refused));
      else onProgress(message.what, message.share);
    });
    child.once('error', reject);
    child.once('exit', (code, killed) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      // After an answer this changes nothing.
      reject(signal.aborted ? new Refusal('closing', 'the server is closing') : new Error(`the diagnosis ended without an answer (${killed ?? code})`));
    });
  });

export interface DiagnosesOptions {
  readonly runDir: string;
  /** Milliseconds by the server's clock. */
  readonly now: () => number;
  /** What is being looked at, and the share of the whole that is done; then what was found, or null. */
  readonly tell: (news: { readonly what: string; readonly share: number } | DiagnosisView | null) => void;
  readonly diagnose?: Diagnose;
}

export class Diagnoses {
  private readonly options: DiagnosesOptions;
  private readonly abort = new AbortController();
  /** The one under way, or the last one while the machine rests from it. */
  private answer: Promise<DiagnosisView> | undefined;
  private restsUntil = Infinity;
  private found: DiagnosisView | undefined;

  constructor(options: DiagnosesOptions) {
    this.options = options;
  }

  /** What was found last. */
  get last(): DiagnosisView | undefined {
    return this.found;
  }

  /** A new diagnosis, the one under way, or, too soon after one, what that said. Throws Refusal where nothing can be said of the run. */
  ask(): Promise<DiagnosisView> {
    if (this.answer === undefined || this.options.now() >= this.restsUntil) {
      this.restsUntil = Infinity;
      this.answer = this.look();
    }
    return this.answer;
  }

  close(): void {
    this.abort.abort();
  }

  private async look(): Promise<DiagnosisView> {
    const { runDir, now, tell, diagnose = diagnoseInChild } = this.options;
    const began = now();
    try {
      const diagnosis = await diagnose(runDir, (what, share) => tell({ what, share }), this.abort.signal);
      this.found = viewOf(diagnosis, now());
      tell(this.found);
      return this.found;
    } catch (error) {
      tell(null);
      // Where the run's folder lies is nobody's business.
      throw error instanceof Refusal ? new Refusal(error.code, error.message.replaceAll(runDir, basename(runDir)).slice(0, 1000)) : error;
    } finally {
      this.restsUntil = now() + Math.max(LEAST_REST_MILLIS, REST_SHARE * (now() - began));
    }
  }
}

/** Longest text of a finding that is passed on. */
const MAX_TEXT = 1000;

function viewOf({ step, level, findings, seconds }: Diagnosis, at: number): DiagnosisView {
  const text = (words: string) => words.slice(0, MAX_TEXT);
  return {
    at, step, level, seconds,
    findings: findings.map(({ check, title, level: own, measured, threshold, meaning, change }) => ({
      check, title: text(title), level: own, measured: text(measured), threshold: text(threshold), meaning: text(meaning), ...(change === undefined ? {} : { change: text(change) }),
    })),
  };
}
