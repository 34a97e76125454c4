import { describe, expect, it } from 'vitest';
import { UserError } from '../errors.js';
import { createSearch, createPositionCache, defaultSearchConfig, resolveSearchConfig, searchKinds } from '../index.js';
import type { Game, SearchConfig } from '../index.js';
import { ticTacToe } from './testing/games.js';

describe('search settings', () => {
  it.each(searchKinds)('%s: defaults resolve to themselves', (kind) => {
    expect(resolveSearchConfig(defaultSearchConfig(kind))).toEqual(defaultSearchConfig(kind));
  });

  it('keeps what was given and ignores undefined', () => {
    expect(resolveSearchConfig({ kind: 'puct', simulations: 7, noise: undefined })).toMatchObject({ simulations: 7, noise: false });
  });

  const bad: [string, Record<string, unknown>, string][] = [
    ['unknown kind', { kind: 'gumble' }, "did you mean 'gumbel'?"],
    ['unknown setting', { kind: 'uct', exploratoin: 1 }, "did you mean 'exploration'?"],
    ['setting of another kind', { kind: 'uct', maxConsidered: 4 }, "unknown uct search setting 'maxConsidered'"],
    ['fraction of a simulation', { kind: 'uct', simulations: 1.5 }, 'whole number of at least 0, not 1.5'],
    ['NaN', { kind: 'puct', explorationInit: NaN }, 'number of at least 0, not NaN'],
    ['wrong type', { kind: 'gumbel', noise: 1 }, 'must be a boolean, not 1'],
    ['too much noise', { kind: 'puct', noiseFraction: 2 }, 'at most 1'],
    ['upside-down range', { kind: 'uct', valueRange: [1, -1] }, 'lowest first'],
    ['endless halving table', { kind: 'gumbel', simulations: 1e9 }, 'at most 65536 simulations'],
  ];
  it.each(bad)('%s', (_name, config, message) => {
    const act = () => resolveSearchConfig(config as unknown as SearchConfig);
    expect(act).toThrow(UserError);
    expect(act).toThrow(message);
  });

  it('refuses sampled chance at construction', () => {
    const game: Game = { ...ticTacToe, chance: 'sampled' } as unknown as Game;
    for (const kind of searchKinds) expect(() => createSearch(game, { kind }, { cache: createPositionCache(9, 8) })).toThrow("its chance is drawn inside the rules ('sampled')");
  });
});
