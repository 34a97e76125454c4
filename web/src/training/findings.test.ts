import { expect, it } from 'vitest';
import { byLevel, summaryOf, type Level } from './findings.js';

const finding = (check: string, level: Level) => ({ check, level, title: '', measured: '', threshold: '', meaning: '' });
const findings = [finding('a', 'ok'), finding('b', 'warning'), finding('c', 'problem'), finding('d', 'ok'), finding('e', 'unknown'), finding('f', 'warning')];

it('the worst come first, and keep their order otherwise', () => {
  expect(byLevel(findings).map(({ check }) => check).join('')).toBe('cbfead');
});

it('are summed up in a sentence', () => {
  expect(summaryOf({ findings })).toBe('1 problem and 2 warnings: 2 checks passed, 1 could not be told.');
  expect(summaryOf({ findings: [finding('a', 'ok')] })).toBe('Nothing is wrong: 1 check passed.');
});
