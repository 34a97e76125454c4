import { expect, test } from 'vitest';
import { UserError } from '#engine';
import { games, getGame } from '#games';
import { applyOverrides, checkConfig, defaultConfig, describeConfig, fillMissing, scheduled, workerCount } from './config.js';

const connect4 = defaultConfig(getGame('connect4'));

test('every game has a valid default, and a game nobody knows has one too', () => {
  const own = { ...getGame('tic-tac-toe'), id: 'own-game' };
  for (const game of [...games, own]) expect(checkConfig(defaultConfig(game), 'setting').game).toBe(game.id);
});

test('every setting is described, and a setting without a unit says so', () => {
  const settings = describeConfig(connect4);
  for (const { key, meaning } of settings) expect(meaning, key).not.toBe('');
  expect(settings.find(({ key }) => key === 'search.simulations')).toEqual({
    key: 'search.simulations', default: '0:16,3000:32,16000:64', meaning: 'tree simulations for a move', unit: 'simulations; may be a schedule',
  });
});

test('every default, written as --set takes it, gives the same config again', () => {
  for (const game of games) {
    const config = defaultConfig(game);
    const overrides = describeConfig(config).filter((setting) => setting.default !== '' || setting.key.endsWith('anchors')).map((s) => `${s.key}=${s.key.endsWith('anchors') ? config.evaluation.anchors.join(';') : s.default}`);
    expect(applyOverrides(config, overrides)).toEqual(config);
  }
});

test.each([
  ['search.simulations=16', (c: typeof connect4) => c.search.simulations, 16],
  ['learner.learningRate=0:0.02,5000:2e-3', (c: typeof connect4) => c.learner.learningRate, [[0, 0.02], [5000, 0.002]]],
  ['evaluation.anchors=uct:sims=10,c=1.4;random', (c: typeof connect4) => c.evaluation.anchors, ['uct:sims=10,c=1.4', 'random']],
  ['deterministic=true', (c: typeof connect4) => workerCount(c), 1],
  ['game=./1', (c: typeof connect4) => c.game, './1'],
])('%s', (text, read, value) => {
  expect(read(applyOverrides(connect4, [text]))).toEqual(value);
});

test('another kind of network brings its own settings, in any order', () => {
  expect(applyOverrides(connect4, ['network.hidden=64,32', 'network.kind=mlp']).network).toEqual({ kind: 'mlp', hidden: [64, 32], value: 'tanh' });
  expect(() => applyOverrides(connect4, ['network.hidden=64'])).toThrow("'network.hidden' is no setting of network.kind=resnet");
});

test.each([
  ['search.simulation=3', /unknown setting 'search.simulation'; did you mean 'search.simulations'\?/],
  ['simulations=3', /unknown setting 'simulations'; did you mean 'search.simulations'\?/],
  ['search.simulations', /is not a setting: write key=value/],
  ['search.simulations=many', /search\.simulations=many: expected a number or STEP:VALUE points/],
  ['search.simulations=5:1,5:2', /ascending steps/],
  ['learner.batch=0', /learner\.batch=0: .*>=1.*rows of a training step/],
  ['search.kind=guess', /search\.kind=guess: .*"gumbel"/],
  ['network.kind=transformer', /network\.kind/],
])('%s is refused with one clear line', (text, message) => {
  const refuse = () => applyOverrides(connect4, [text]);
  expect(refuse).toThrow(UserError);
  expect(refuse).toThrow(message);
  try {
    refuse();
  } catch (error) {
    expect((error as Error).message).not.toContain('\n');
  }
});

test('a stored config with an unknown setting is refused by name', () => {
  const stored = { ...connect4, learner: { ...connect4.learner, bacth: 3 } };
  expect(() => checkConfig(stored, 'config.json')).toThrow("config.json: unknown setting 'learner.bacth'; did you mean 'learner.batch'?");
});

test.each([
  [5, 100, 5],
  [[[0, 0], [100, 1]], 25, 0.25],
  [[[0, 0], [100, 1]], 1000, 1],
  [[[10, 4], [20, 8]], 0, 4],
  [[[10, 4], [20, 8]], 10, 4],
] as const)('schedule %j at step %i is %f', (schedule, step, value) => {
  expect(scheduled(schedule as Parameters<typeof scheduled>[0], step)).toBeCloseTo(value, 12);
});

test('a config written before a setting existed is filled in, its own values and network kept', () => {
  const { policySmoothing: _, ...learner } = { ...connect4.learner, batch: 64 };
  const old = { ...connect4, learner, network: { ...connect4.network, channels: 8 } };
  expect(() => checkConfig(old, 'config.json')).toThrow(/policySmoothing/);
  const filled = checkConfig(fillMissing(old, connect4), 'config.json');
  expect(filled.learner).toEqual({ ...connect4.learner, batch: 64 });
  expect(filled.network).toEqual(old.network);
  expect(() => checkConfig(fillMissing('nonsense', connect4), 'config.json')).toThrow(UserError);
});

test('looking again at earlier games leaves somebody to play', () => {
  expect(applyOverrides(connect4, ['replay.reanalyze=0.25', 'actors.games=2']).replay.reanalyze).toBe(0.25);
  expect(applyOverrides(connect4, ['actors.games=1']).actors.games).toBe(1);
  const refused = (text: string) => () => applyOverrides(connect4, text.split(' '));
  expect(refused('replay.reanalyze=1')).toThrow(/replay\.reanalyze=1: .*<1.*share of the searches/);
  expect(refused('replay.reanalyze=-0.1')).toThrow(/replay\.reanalyze=-0\.1/);
  expect(refused('replay.reanalyze=0.25 actors.games=1')).toThrow(/replay\.reanalyze=0\.25: with actors\.games=1 nobody would be left to play: set actors\.games to 2 or more/);
});
