import { describe, expect, test } from 'vitest';
import { makeEvalCommand, makePgn, parseEvalCommand, parsePgn, PgnSplitter, valueOfCentipawns, valueOfEvaluation } from './index.js';

// Forms as lichess and other sites write them.
test.each([
  ['[%eval 0.17]', { centipawns: 17 }], ['[%eval -12.3]', { centipawns: -1230 }], ['[%eval #5] [%clk 0:01:00]', { mate: 5 }], ['[%eval #-3]', { mate: -3 }],
  ['so [%eval 2.35,18] it is', { centipawns: 235 }], ['[%eval 3]', { centipawns: 300 }],
  ['[%eval]', undefined], ['[%eval #]', undefined], ['[%eval 1.2.3]', undefined], ['0.35/12 1.2s', undefined], ['[%evaluation 2]', undefined],
] as const)('%s', (comment, evaluation) => expect(parseEvalCommand(comment)).toEqual(evaluation));

test.each([[{ centipawns: -5 }, '[%eval -0.05]'], [{ centipawns: 120 }, '[%eval 1.20]'], [{ mate: -2 }, '[%eval #-2]']] as const)('%j is written %s, and read', (evaluation, text) => {
  expect(makeEvalCommand(evaluation)).toBe(text);
  expect(parseEvalCommand(text)).toEqual(evaluation);
});

// Elo's expected score of a rating difference: 100 is 0.640, 400 is 10 to 1.
test.each([[0, 0], [100, 2 * 0.640065 - 1], [-400, 2 / 11 - 1]])('%d centipawns are worth %d', (centipawns, value) => expect(valueOfCentipawns(centipawns)).toBeCloseTo(value, 6));
test.each([[3, 1], [-3, -1], [0, -1]])('mate in %d is worth %d', (mate, value) => expect(valueOfEvaluation({ mate })).toBe(value));

describe('PGN', () => {
  const text = '[Event "x"]\n\n{[%eval 9]} 1. e4 {book} {[%eval 0.3]} e5 (1... c5 {[%eval 1.0]}) 2. Nf3 $1 {good [%eval -0.12] [%clk 1]} Nc6 {[%eval #4]} 1-0\n';
  const parsed = parsePgn(text);
  test('evaluations are read where they stand, not in variations', () => {
    if (!parsed.ok) throw new Error(parsed.error);
    expect(parsed.value.evaluations).toEqual([{ centipawns: 30 }, undefined, { centipawns: -12 }, { mate: 4 }]);
  });
  test('and written so that they are read again', () => {
    if (!parsed.ok) throw new Error(parsed.error);
    const again = parsePgn(makePgn(parsed.value));
    expect(again.ok && again.value.evaluations).toEqual(parsed.value.evaluations);
    expect(again.ok && again.value.actions).toEqual(parsed.value.actions);
  });
  test('a game without any has none', () => expect(parsePgn('1. e4 {hello} e5 *')).toMatchObject({ ok: true, value: { tags: [], actions: expect.any(Array) } }));

  test('garbage without end takes little room, and the games around it are read', () => {
    const splitter = new PgnSplitter();
    const found = [...splitter.push('[Event "a"]\n\n1. e4 1-0\n\n[Event "b"]\n\n')];
    for (let i = 0; i < 40; i++) found.push(...splitter.push('x'.repeat(1 << 17)));
    for (let i = 0; i < 40; i++) found.push(...splitter.push(`${'y '.repeat(1 << 16)}\n`));
    found.push(...splitter.push('\n[Event "c"]\n\n1. d4 0-1\n'), ...splitter.end());
    expect(found.map(({ line }) => line)).toEqual([1, 5, 48]);
    expect(found[1].text.length).toBeLessThan(3 << 20);
    expect(found.map(({ text: game }) => parsePgn(game).ok)).toEqual([true, false, true]);
  });
});
