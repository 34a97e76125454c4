import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { UserError } from '#engine';
import { checkTournament, readTournament } from './config.js';
import { linesByPath, syntaxFault } from './json-lines.js';

const folder = mkdtempSync(join(tmpdir(), 'ludus-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (text: string) => {
  const file = join(folder, 'cup.json');
  writeFileSync(file, text);
  return readTournament(file);
};

describe('a malformed file is told its line, its key and the nearest right word', () => {
  test.each<[string, string, RegExp]>([
    ['an unknown key', '{\n  "game": "connect4",\n  "agents": ["random", "solver"],\n  "pares": 4\n}', /cup\.json, line 4: unknown key 'pares'; did you mean 'pairs'\?/],
    ['an unknown key inside', '{"game": "connect4", "agents": ["random", "solver"],\n"adjudication": {\n"draw": {"scor": 0.1}}}', /line 3: unknown key 'scor'; did you mean 'score'\?/],
    ['an unknown key of an agent', '{"game": "connect4", "agents": [\n"random",\n{"agnt": "solver"}]}', /line 3: /],
    ['a word that is none of the choices', '{"game": "connect4",\n\n"format": "round-robbin", "agents": ["random", "solver"]}', /line 3: format: "round-robbin" is not one of .*; did you mean 'round-robin'\?/],
    ['a number as text', '{"game": "connect4", "agents": ["random", "solver"],\n"pairs": "ten"}', /line 2: pairs: .*expected number/],
    ['a missing game', '{"agents": ["random", "solver"]}', /game: /],
    ['one agent', '{"game": "connect4",\n "agents": ["random"]}', /line 2: agents: a tournament needs at least 2 agents; one is given/],
    ['no agents', '{"game": "connect4"}', /agents: .* none is given/],
    ['a bad clock', '{"game": "connect4", "agents": ["random", "solver"],\n"clock": "10:00"}', /line 2: clock: .*10\+0\.1/],
    ['two kinds of time', '{"game": "connect4", "agents": ["random", "solver"], "clock": "1+0", "moveMillis": 5}', /not both/],
    ['an SPRT of three', '{"game": "connect4", "format": "sprt", "sprt": {"elo0": 0, "elo1": 5}, "agents": ["random", "solver", "uct"]}', /compares two agents, not 3/],
    ['an SPRT without hypotheses', '{"game": "connect4", "format": "sprt", "agents": ["random", "solver"]}', /needs its hypotheses/],
    ['hypotheses the wrong way round', '{"game": "connect4", "format": "sprt", "sprt": {"elo0": 9, "elo1": 5}, "agents": ["random", "solver"]}', /elo1 is to be above elo0 \(9\), not 5/],
    ['a checkpoints tournament without a run', '{"game": "connect4", "format": "checkpoints"}', /needs a run/],
    ['a gauntlet of challengers alone', '{"game": "connect4", "format": "gauntlet", "challengers": 2, "agents": ["random", "solver"]}', /leave nobody to meet/],
    ['openings twice', '{"game": "connect4", "agents": ["random", "solver"], "openings": {"plies": 2, "book": "x"}}', /not both/],
    ['plies the wrong way round', '{"game": "connect4", "agents": ["random", "solver"], "openings": {"plies": [5, 2]}}', /least \(5\) is above the most \(2\)/],
    ['not JSON', '{\n  "game": "connect4",\n  "agents": ["random", "solver",]\n}', /line 3: not valid JSON/],
    ['cut off', '{\n  "game": "connect4",\n  "agents": ["random"', /line 3: not valid JSON/],
    ['no object', '[]', /cup\.json/],
  ])('%s', (_, text, message) => {
    expect(() => read(text)).toThrow(UserError);
    expect(() => read(text)).toThrow(message);
  });

  test('a file that is not there', () => {
    expect(() => readTournament(join(folder, 'none.json'))).toThrow(/cannot read the tournament file/);
  });
});

test('defaults, and paths from the file\'s folder', () => {
  const config = read('{"game": "connect4", "agents": ["random", {"agent": "solver", "name": "perfect"}], "openings": {"book": "book.txt"}}');
  expect(config).toMatchObject({ format: 'round-robin', pairs: 20, seed: 1, patience: 60, adjudication: {}, ratings: { model: 'bt', virtualDraws: 0 } });
  expect(config.openings.book).toBe(join(folder, 'book.txt'));
  expect(checkTournament({ game: 'x', agents: ['a', 'b'], adjudication: { draw: {}, resign: {} } }, 'options').adjudication).toEqual({
    draw: { score: 0.05, moves: 4, after: 20 }, resign: { score: 0.95, moves: 3 },
  });
});

test('lines of a JSON text by path', () => {
  const lines = linesByPath('{\n"a": [1,\n2,\n{"b\\"": "x:y,{"}],\n"c":\n{}\n}');
  expect(Object.fromEntries(lines)).toEqual({ '': 1, 'a': 2, 'a.0': 2, 'a.1': 3, 'a.2': 4, 'a.2.b"': 4, 'c': 5 });
  expect(syntaxFault('{}')).toBeUndefined();
});
