/** What the report is made of, without a run. */
import { describe, expect, it } from 'vitest';
import { createRng } from '#engine';
import { chess } from '#games/chess';
import { connect4, ticTacToe } from '#games';
import type { Series } from '#arena/protocol';
import type { Report } from './collect.js';
import { gridOf } from './games.js';
import { reportPage } from './page.js';

describe('a position as cells', () => {
  it('of the games that draw a board', () => {
    expect(gridOf(ticTacToe.render!(ticTacToe.start(createRng(1))), 3, 3)).toBe('.........');
    const four = connect4.parseSetup!('4453')!;
    expect(gridOf(connect4.render!(four), 6, 7)).toBe(`${'.'.repeat(28)}...O...`.concat('..OXX..'));
    expect(gridOf(chess.render!(chess.start(createRng(1))), 8, 8)).toBe(`rnbqkbnrpppppppp${'.'.repeat(32)}PPPPPPPPRNBQKBNR`);
  });
  it('of anything else there are none', () => {
    expect(gridOf('a sentence', 3, 3)).toBeUndefined();
    expect(gridOf('. . .\n. . .', 3, 3)).toBeUndefined();
  });
});

const series = (name: string, values: number[], errors?: number[]): Series => ({ name, values, elapsed: values.map((_, i) => 60 * i), games: values.map((_, i) => i), steps: values.map((_, i) => i), ...(errors === undefined ? {} : { errors }) });

function made(change: Partial<Report> = {}): string {
  return reportPage({
    name: 'a < b', game: 'Game & Co', version: '1', made: '2026-01-01', command: "ludus train './my game.js'", diagnosis: undefined, time: undefined, checkpoints: [],
    info: { format: 1, game: { id: 'g', version: 1 }, algorithm: 'alphazero', created: '', id: 'x', sittings: 1, elapsedSeconds: 60, games: 1, positions: 2, steps: 3 },
    settings: [{ name: 'x', value: '<i>', changed: true }], series: new Map([['loss.policy', series('loss.policy', [2, 1])], ['rating', series('rating', [100, 200], [50, 40])]]),
    games: { grid: null, games: [{ id: '1', when: 'early', step: 0, result: 1, moves: [{ name: '</script><b>', seat: 0, value: null, share: null }], positions: ['a', 'b'] }] },
    ...change,
  });
}

describe('the page', () => {
  it('lets nothing that it quotes become markup', () => {
    const page = made();
    expect(page).toContain('a &lt; b: Game &amp; Co');
    expect(page).toContain('&lt;i&gt;');
    expect(page).not.toContain('<b>"');
    // One block of data, one script.
    expect(page.match(/<\/script>/g)).toHaveLength(2);
    const [, json] = /<script type="application\/json" id="games">(.*?)<\/script>/.exec(page) ?? [];
    expect(JSON.parse(json)).toMatchObject({ games: [{ moves: [{ name: '</script><b>' }] }] });
  });

  it('says each plot in words and in a table, errors included', () => {
    const page = made();
    expect(page).toContain('Elo from 100 to 200 ± 40');
    expect(page).toContain('<td>200 ± 40</td>');
    expect(page.match(/<figure/g)).toHaveLength(2);
    expect(page.match(/As a table/g)).toHaveLength(2);
    expect(page.replaceAll(/<script>[^]*?<\/script>/g, '')).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('is a page even of a run with nothing to show', () => {
    const page = made({ series: new Map(), games: { grid: null, games: [] } });
    expect(page).toContain('There are no figures yet.');
    expect(page).not.toContain('<script');
  });
});
