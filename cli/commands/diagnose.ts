/** `ludus diagnose`: what is wrong with a run, and what to change. */
import { diagnose, type Diagnosis, type Finding, type Level } from '#selfplay/diagnose';
import { interruptible } from '../interrupt.js';
import { duration, printResult, StatusLine } from '../output.js';

const marks: Record<Level, string> = { ok: '✓', unknown: '?', warning: '!', problem: '✗' };

function describeFinding({ level, title, measured, threshold, meaning, change }: Finding): string {
  return [`${marks[level]} ${title} ${meaning}`, `    ${measured}`, ...(level === 'ok' ? [] : [`    wanted: ${threshold}`]), ...(change === undefined ? [] : [`    → ${change}`])].join('\n');
}

function describe({ run, game, algorithm, step, findings, seconds }: Diagnosis): string {
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  const said = ([['problem', 'problem'], ['warning', 'warning'], ['unknown', 'unknown']] as const).flatMap(([level, word]) => (count(level) === 0 ? [] : [`${count(level)} ${word}${count(level) === 1 || level === 'unknown' ? '' : 's'}`]));
  return [
    `${run}: ${game}, ${algorithm}, at step ${step.toLocaleString('en-US')} (looked at in ${duration(seconds)})`,
    '',
    ...findings.map(describeFinding),
    '',
    said.length === 0 ? 'Nothing is wrong.' : `${said.join(', ')}, ${count('ok')} ok.`,
  ].join('\n');
}

export async function diagnoseRun(run: string, options: { readonly json?: boolean }): Promise<void> {
  const line = new StatusLine(options.json === true, 5);
  const found = await interruptible((signal) => diagnose(run, { signal, onProgress: (what, share) => line.update(`diagnose: ${Math.round(100 * share)} %, ${what}`) }));
  line.end();
  printResult(options.json === true, found, () => describe(found));
  if (found.level === 'problem') process.exitCode = 1;
}
