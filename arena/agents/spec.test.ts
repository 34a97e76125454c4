import { describe, expect, test } from 'vitest';
import { UserError, createRng } from '#engine';
import { agentKinds, defaultCaps, describeAgents, parseAgentSpec, printAgentSpec } from './spec.js';

test.each([
  ['random', 'random'],
  ['uct', 'uct:sims=1000'],
  ['uct:sims=1000,c=1.4', 'uct:sims=1000'],
  [' uct:c=2 , sims=50 ', 'uct:sims=50,c=2'],
  ['uct:time=250', 'uct:time=250'],
  ['alphabeta:depth=8', 'alphabeta:depth=8'],
  ['solver', 'solver'],
  ['az:runs/connect4', 'az:runs/connect4,sims=200'],
  ['az:runs/connect4@step=2000,sims=100,search=gumbel,leaves=8,symmetry', 'az:runs/connect4@step=2000,sims=100,search=gumbel,leaves=8,symmetry'],
  ['az:C:\\runs\\one,sims=1', 'az:C:\\runs\\one,sims=1'],
  ['az:"odd, name/x",symmetry=false', 'az:"odd, name/x",sims=200'],
  ['policy:models/a,temperature=0.50', 'policy:models/a,temperature=0.5'],
  ['human', 'human'],
])('parse and print: %s', (text, canonical) => {
  const spec = parseAgentSpec(text, { trusted: true });
  expect(printAgentSpec(spec)).toBe(canonical);
  expect(parseAgentSpec(canonical, { trusted: true })).toEqual(spec);
});

test('values are typed and complete', () => {
  expect(parseAgentSpec('az:runs/a@step=12')).toEqual({
    kind: 'az',
    model: { path: 'runs/a', step: 12 },
    options: { sims: 200, time: 0, search: 'puct', leaves: 4, c: 1.25, symmetry: false, temperature: 0 },
  });
});

test.each([
  ['utc:sims=10', "did you mean 'uct'"],
  ['', "unknown agent ''"],
  ['uct:sim=10', "did you mean 'sims'"],
  ['uct:sims=ten', "a whole number from 1 to 100000000, not 'ten'"],
  ['uct:sims=0', 'from 1'],
  ['uct:sims=-5', 'from 1'],
  ['uct:sims=1e3', 'a whole number'],
  ['uct:sims=0x10', 'a whole number'],
  ['uct:sims', 'needs a value'],
  ['uct:sims=', 'needs a value'],
  ['uct:sims=5,sims=6', 'given twice'],
  ['uct:c=Infinity', 'a number from 0 to 100'],
  ['uct:c=NaN', 'a number from 0 to 100'],
  ['uct:', 'empty option'],
  ['uct:sims=5,', 'empty option'],
  ['random:sims=3', 'takes no options'],
  ['az', 'needs a model'],
  ['az:,sims=3', 'needs a model'],
  ['az,sims=3', 'needs a model'],
  ['az:runs/x,search=gumble', "did you mean 'gumbel'"],
  ['az:runs/x,symmetry=maybe', 'on or off'],
  ['az:"runs/x', 'open quote'],
  ['az:runs/x@step=latest', 'PATH@step=2000'],
  ['uct:__proto__=3', "unknown option for agent 'uct': '__proto__'"],
  ['__proto__', 'unknown agent'],
  ['constructor:sims=1', 'unknown agent'],
])('refused with one line: %s', (text, message) => {
  let error: unknown;
  try {
    parseAgentSpec(text, { trusted: true });
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(UserError);
  expect(String(error)).toContain(message);
  expect(String(error)).not.toContain('\n');
});

describe('text from a socket', () => {
  const catalogue = new Map([['champion', '/srv/secrets/runs/c4@step=900'], ['beginner', '/srv/secrets/first']]);
  const rules = { trusted: false, catalogue };

  test('names a model of the catalogue, and is shown by that name', () => {
    const spec = parseAgentSpec('az:champion,sims=50', rules);
    expect(spec).toMatchObject({ kind: 'az', model: { path: '/srv/secrets/runs/c4', step: 900, alias: 'champion' } });
    expect(printAgentSpec(spec)).toBe('az:champion,sims=50');
    expect(parseAgentSpec(printAgentSpec(spec), rules)).toEqual(spec);
  });

  test('is capped', () => {
    expect(parseAgentSpec('uct:sims=99999999', rules)).toMatchObject({ options: { sims: defaultCaps.sims } });
    expect(parseAgentSpec('alphabeta:depth=60,time=3600000', rules)).toMatchObject({ options: { depth: 12, time: 10_000 } });
    expect(parseAgentSpec('uct:sims=500', { ...rules, caps: { sims: 100 } })).toMatchObject({ options: { sims: 100 } });
  });

  test.each([
    'az:/etc/passwd',
    'az:../../secret',
    'az:runs/connect4',
    'az:/srv/elsewhere',
    'az:champion@step=1',
    'az:"champion"/../x',
    'az:__proto__',
    'az:constructor',
    'az:\u0000champion',
    'policy:file:///etc/passwd',
    'policy:champion\u001b[2J',
    `az:${'a'.repeat(1000)}`,
    `uct:${'sims=1,'.repeat(1000)}`,
    'uci:stockfish',
    'gym:CartPole',
    'uct:sims=1;rm -rf /',
    'uct:sims=1\n,c=1\n,c=2',
  ].map((text) => ({ text, title: text.slice(0, 30) })))('refused: $title', ({ text }) => {
    expect(() => parseAgentSpec(text, rules)).toThrow(UserError);
    try {
      parseAgentSpec(text, rules);
    } catch (error) {
      expect(String(error)).not.toMatch(/secrets|\p{Cc}/u);
      expect(String(error).length).toBeLessThan(400);
    }
  });

  test('random text either parses to a printable spec or is a UserError', () => {
    const rng = createRng('agent text');
    const pieces = [...agentKinds, ':', ',', '=', '"', '@step=', 'sims', 'c', 'time', 'symmetry', '1', '.', 'champion', ' ', '\n', '/', '..', 'e9'];
    for (let i = 0; i < 5000; i++) {
      const text = Array.from({ length: 1 + rng.below(8) }, () => pieces[rng.below(pieces.length)]).join('');
      try {
        const spec = parseAgentSpec(text, rules);
        expect(parseAgentSpec(printAgentSpec(spec), rules)).toEqual(spec);
        if ('model' in spec) expect(catalogue.has(spec.model.alias ?? '')).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }
  });
});

test('descriptions cover every kind, and every usage line parses', () => {
  expect(describeAgents().map((d) => d.kind)).toEqual([...agentKinds]);
  for (const d of describeAgents()) {
    expect(parseAgentSpec(d.usage).kind).toBe(d.kind);
    expect(d.summary.length).toBeGreaterThan(10);
    for (const option of d.options) expect(option.help.length).toBeGreaterThan(5);
  }
});
