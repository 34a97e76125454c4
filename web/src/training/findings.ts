/** Findings of a diagnosis in the order in which they matter, and in a sentence. Pure. */
import type { DiagnosisView } from '#arena/protocol';

export type Finding = DiagnosisView['findings'][number];
export type Level = Finding['level'];

const order: readonly Level[] = ['problem', 'warning', 'unknown', 'ok'];

/** The worst first; those of one level as they came. */
export function byLevel(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

export function summaryOf({ findings }: Pick<DiagnosisView, 'findings'>): string {
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  const bad = [['problem', count('problem')], ['warning', count('warning')]] as const;
  const said = bad.flatMap(([word, n]) => (n === 0 ? [] : [plural(n, word)]));
  const rest = [`${plural(count('ok'), 'check')} passed`, ...(count('unknown') === 0 ? [] : [`${count('unknown')} could not be told`])].join(', ');
  return `${said.length === 0 ? 'Nothing is wrong' : said.join(' and ')}: ${rest}.`;
}
