/** Asterix clause by clause: rules.md 1. */
import { describe, expect, test } from 'vitest';
import { OVER, createRng } from '#engine';
import { ASTERIX_CHANNELS, AsterixState } from './asterix.js';
import { createMinAtar } from './index.js';
import { Stage, below, chance } from './stage.js';

function begin(options: { ramping?: boolean } = {}): Stage<AsterixState> {
  const { settings } = createMinAtar('asterix', { sticky: 0, ...options });
  return new Stage(new AsterixState(settings), ASTERIX_CHANNELS);
}

/** Puts something in a lane, by the row that it is seen in. */
function put({ state }: Stage<AsterixState>, row: number, column: number, direction: 1 | -1, what: 'gold' | 'enemy'): void {
  state.columns[row - 1] = column;
  state.directions[row - 1] = direction;
  state.gold[row - 1] = what === 'gold' ? 1 : 0;
}

test('begins with the player alone at (5, 5)', () => {
  const stage = begin();
  expect(ASTERIX_CHANNELS.map((channel) => stage.cells(channel))).toEqual([['5,5'], [], [], []]);
});

describe('player', () => {
  test.each([
    ['llllllll', '5,0'],
    ['rrrrrrrr', '5,9'],
    ['uuuuuuuu', '1,5'],
    ['dddddddd', '8,5'],
    ['ffnnff', '5,5'],
    ['ul', '4,4'],
  ])('%s leads to %s', (letters, cell) => {
    const stage = begin();
    stage.steps(letters);
    expect(stage.cells('player')).toEqual([cell]);
  });
});

describe('spawning', () => {
  test('first in step 11, by its own draws, and then every tenth step', () => {
    const stage = begin();
    stage.steps('n'.repeat(10));
    // Step 11 moves too: what appears at column 0 is seen at column 1.
    stage.step('n', chance(true), chance(true), below(2, 8));
    expect(stage.cells('gold')).toEqual(['3,1']);
    expect(stage.cells('trail')).toEqual(['3,0']);
    stage.steps('n'.repeat(9));
    expect(stage.cells('gold')).toEqual(['3,2']);
    // Lane 2 is taken: the eighth lane is the seventh empty one.
    stage.step('n', chance(false), chance(false), below(6, 7));
    expect(stage.cells('enemy')).toEqual(['8,8']);
    expect(stage.cells('trail')).toEqual(['3,2', '8,9']);
  });

  test('with no lane empty the lane is not drawn, nothing appears, and the timer starts again', () => {
    const stage = begin();
    for (let row = 1; row <= 8; row++) put(stage, row, 9, -1, 'gold');
    stage.state.spawnTimer = 0;
    stage.state.moveTimer = 4;
    stage.step('n', chance(true), chance(false));
    expect(stage.cells('gold').length).toBe(8);
    expect(stage.state.spawnTimer).toBe(9);
  });

  test('lanes are free again once left', () => {
    const stage = begin();
    put(stage, 2, 9, 1, 'enemy');
    stage.state.moveTimer = 0;
    stage.step('n');
    expect(stage.cells('enemy')).toEqual([]);
    stage.state.spawnTimer = 0;
    stage.step('n', chance(true), chance(false), below(1, 8));
    expect(stage.cells('enemy')).toEqual(['2,0']);
    expect(stage.cells('trail')).toEqual([]);
  });

  test('hits a player on the entry cell at once', () => {
    const stage = begin();
    stage.state.row = 1;
    stage.state.column = 0;
    stage.state.spawnTimer = 0;
    stage.state.moveTimer = 3;
    expect(stage.step('n', chance(true), chance(true), below(0, 8))).toBe(1);
    stage.state.spawnTimer = 0;
    expect(stage.step('n', chance(true), chance(false), below(0, 8))).toBe(0);
    expect(stage.state.terminated).toBe(true);
  });
});

describe('contact', () => {
  test('before movement: gold is taken, an enemy ends the episode and stays', () => {
    const stage = begin();
    put(stage, 5, 6, -1, 'gold');
    expect(stage.step('r')).toBe(1);
    expect(stage.cells('gold')).toEqual([]);
    put(stage, 5, 7, -1, 'enemy');
    expect(stage.step('r')).toBe(0);
    expect(stage.state.turn).toBe(OVER);
    expect(stage.cells('enemy')).toEqual(['5,7']);
  });

  test('after movement: the same', () => {
    const stage = begin();
    put(stage, 5, 4, 1, 'gold');
    stage.state.moveTimer = 0;
    expect(stage.step('n')).toBe(1);
    put(stage, 5, 6, -1, 'enemy');
    stage.state.moveTimer = 0;
    stage.step('n');
    expect(stage.state.terminated).toBe(true);
    expect(stage.cells('enemy')).toEqual(['5,5']);
  });

  test('an enemy that the player walks into is met before it moves away', () => {
    const stage = begin();
    put(stage, 4, 5, 1, 'enemy');
    stage.state.moveTimer = 0;
    stage.step('u');
    expect(stage.state.terminated).toBe(true);
    // The rest of the step is still carried out.
    expect(stage.cells('enemy')).toEqual(['4,6']);
  });

  test('what crosses a lane that the player has left is no contact', () => {
    const stage = begin();
    put(stage, 5, 4, 1, 'enemy');
    stage.state.moveTimer = 0;
    stage.step('u');
    expect(stage.cells('enemy')).toEqual(['5,5']);
    expect(stage.state.turn).toBe(0);
  });
});

test('movement first in step 6, then every fifth step', () => {
  const stage = begin();
  put(stage, 1, 0, 1, 'enemy');
  const seen: string[] = [];
  for (let step = 1; step <= 10; step++) {
    stage.step('n');
    seen.push(stage.cells('enemy')[0]);
  }
  expect(seen).toEqual(['1,0', '1,0', '1,0', '1,0', '1,0', '1,1', '1,1', '1,1', '1,1', '1,1']);
});

describe('ramping', () => {
  const speeds = (stage: Stage<AsterixState>) => [stage.state.spawnSpeed, stage.state.moveSpeed];
  const rng = createRng('ramping');
  /** Steps at whose end the pair of speeds changed, with the new pair; the player is kept out of harm's way. */
  function changes(ramping: boolean, steps: number): [number, number, number][] {
    const stage = begin({ ramping });
    const out: [number, number, number][] = [];
    for (let step = 1; step <= steps; step++) {
      const before = speeds(stage).join();
      stage.state.columns[4] = -1;
      stage.state.apply(0, rng);
      if (speeds(stage).join() !== before) out.push([step, stage.state.spawnSpeed, stage.state.moveSpeed]);
    }
    return out;
  }

  test('every 102 steps, as the table says, and never after the ninth', () => {
    expect(changes(true, 1500)).toEqual([
      [102, 9, 5], [204, 8, 4], [306, 7, 4], [408, 6, 3], [510, 5, 3], [612, 4, 2], [714, 3, 2], [816, 2, 1], [918, 1, 1],
    ]);
  });

  test('not when it is off', () => {
    expect(changes(false, 1500)).toEqual([]);
  });

  test('the steps of spawning and of movement, by check values of the rules', () => {
    const stage = begin();
    const spawning: number[] = [];
    const moving: number[] = [];
    for (let step = 1; step <= 226; step++) {
      if (stage.state.spawnTimer === 0) spawning.push(step);
      if (stage.state.moveTimer === 0) moving.push(step);
      stage.state.columns.fill(-1);
      stage.state.apply(0, rng);
    }
    expect(spawning).toEqual([11, 21, 31, 41, 51, 61, 71, 81, 91, 101, 111, 120, 129, 138, 147, 156, 165, 174, 183, 192, 201, 210, 218, 226]);
    expect(moving.slice(0, 3)).toEqual([6, 11, 16]);
    expect(moving.filter((step) => step > 200)).toEqual([201, 206, 210, 214, 218, 222, 226]);
  });

  test('the level counts ramps', () => {
    const stage = begin();
    stage.state.rampTimer = -1;
    stage.step('n');
    expect(stage.state.level).toBe(1);
  });
});
