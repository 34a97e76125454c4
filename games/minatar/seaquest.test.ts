/** Seaquest clause by clause, since no recorded episodes of it exist here. Sections as in rules.md. */
import { describe, expect, test } from 'vitest';
import { OVER, createRng } from '#engine';
import { createMinAtar } from './index.js';
import type { RecordedDraw } from './recorded.js';
import { SEAQUEST_CHANNELS, SeaquestState } from './seaquest.js';
import { Stage, below, chance } from './stage.js';

const LEFTWARDS = -1;
const RIGHTWARDS = 1;

type SeaquestStage = Stage<SeaquestState>;

function begin(options: { ramping?: boolean } = {}): SeaquestStage {
  const { settings } = createMinAtar('seaquest', { sticky: 0, maxSteps: 1_000_000, ...options });
  return new Stage(new SeaquestState(settings), SEAQUEST_CHANNELS);
}

/** Below the surface, where nothing spawns by itself for many steps. */
function dive(row: number, column: number, options: { ramping?: boolean } = {}): SeaquestStage {
  const stage = begin(options);
  Object.assign(stage.state, { row, column, surfaced: false, enemySpawnTimer: 100, diverSpawnTimer: 100 });
  return stage;
}

const enemyDraws = (fromLeft: boolean, sub: boolean, row: number): RecordedDraw[] => [chance(fromLeft), chance(sub), below(row - 1, 8)];
const diverDraws = (fromLeft: boolean, row: number): RecordedDraw[] => [chance(fromLeft), below(row - 1, 8)];

test('begins at the surface, facing left, with full oxygen', () => {
  const stage = begin();
  const gauge = Array.from({ length: 10 }, (_, column) => `9,${column}`);
  expect(SEAQUEST_CHANNELS.map((channel) => stage.cells(channel))).toEqual([['0,5'], ['0,6'], [], [], [], [], [], gauge, [], []]);
});

describe('spawning', () => {
  test('enemies first in step 21, then every 20; divers first in step 31, then every 30; the surface costs no oxygen', () => {
    const stage = begin();
    for (let step = 1; step <= 91; step++) {
      const enemy = step >= 21 && (step - 1) % 20 === 0 ? enemyDraws(true, false, 8) : [];
      const diver = step >= 31 && (step - 1) % 30 === 0 ? diverDraws(false, 1) : [];
      stage.step('n', ...enemy, ...diver);
    }
    expect(stage.state.oxygen).toBe(200);
    expect(stage.state.turn).toBe(0);
  });

  test('in one step, the enemy draws before the diver', () => {
    const stage = begin();
    stage.state.enemySpawnTimer = stage.state.diverSpawnTimer = 0;
    stage.step('n', ...enemyDraws(true, false, 3), ...diverDraws(false, 6));
    expect(stage.cells('enemy_fish')).toEqual(['3,0']);
    expect(stage.cells('diver')).toEqual(['6,9']);
    expect(stage.cells('trail')).toEqual([]);
  });

  test.each([
    ['fish', false, 'enemy_fish'],
    ['submarine', true, 'enemy_sub'],
  ])('a %s moves first 5 steps after it appeared, then every 6, and leaves the grid', (_name, sub, channel) => {
    const stage = begin();
    stage.state.diverSpawnTimer = 127;
    stage.state.enemySpawnTimer = 0;
    stage.state.enemySpawnSpeed = 127;
    stage.step('n', ...enemyDraws(false, sub, 4));
    const seen: string[] = [];
    for (let step = 1; step <= 60; step++) {
      stage.step('n');
      seen.push(stage.cells(channel)[0] ?? 'gone');
    }
    expect(seen.slice(0, 12)).toEqual(['4,9', '4,9', '4,9', '4,9', '4,8', '4,8', '4,8', '4,8', '4,8', '4,8', '4,7', '4,7']);
    expect(seen.indexOf('4,0')).toBe(4 + 6 * 8);
    expect(seen.indexOf('gone')).toBe(4 + 6 * 9);
  });

  test('nothing appears in a row where something moves the other way, but the timer starts again', () => {
    const stage = dive(2, 2);
    stage.state.fish.add(4, 7, RIGHTWARDS, 5);
    stage.state.subs.add(4, 6, RIGHTWARDS, 5, 10);
    for (const row of [7, 6]) {
      stage.state.enemySpawnTimer = 0;
      stage.step('n', ...enemyDraws(false, false, row));
    }
    expect(stage.state.fish.count + stage.state.subs.count).toBe(2);
    expect(stage.state.enemySpawnTimer).toBe(19);
    stage.state.enemySpawnTimer = 0;
    stage.step('n', ...enemyDraws(true, true, 7));
    expect(stage.cells('enemy_sub')).toEqual(['6,4', '7,0']);
  });

  test('divers appear whatever is in their row', () => {
    const stage = dive(2, 2);
    stage.state.fish.add(4, 7, RIGHTWARDS, 5);
    stage.state.diverSpawnTimer = 0;
    stage.step('n', ...diverDraws(false, 7));
    expect(stage.cells('diver')).toEqual(['7,9']);
    expect(stage.state.diverSpawnTimer).toBe(29);
  });
});

describe('player', () => {
  test.each([
    // letters, front, back
    ['n', '4,5', '4,6'],
    ['l', '4,4', '4,5'],
    ['r', '4,6', '4,5'],
    ['llllll', '4,0', '4,1'],
    ['rrrrrr', '4,9', '4,8'],
    ['dddddd', '8,5', '8,6'],
    ['uuu', '1,5', '1,6'],
    ['lllllr', '4,1', '4,0'],
  ])('%s leads to %s with its back at %s', (letters, front, back) => {
    const stage = dive(4, 5);
    stage.steps(letters);
    expect(stage.cells('sub_front')).toEqual([front]);
    expect(stage.cells('sub_back')).toEqual([back]);
  });

  test('turns round at the wall without moving', () => {
    const stage = dive(4, 9);
    stage.state.facingRight = false;
    // Cannot come about in play, where whoever is at the wall has moved towards it; the rule is the same.
    stage.step('r');
    expect(stage.cells('sub_front')).toEqual(['4,9']);
    expect(stage.state.facingRight).toBe(true);
  });

  test('the bullet is first seen one cell ahead, and the next one can follow five steps later', () => {
    const stage = dive(4, 5);
    stage.step('f');
    expect(stage.cells('friendly_bullet')).toEqual(['4,4']);
    expect(stage.steps('ffff')).toBe(0);
    expect(stage.cells('friendly_bullet')).toEqual(['4,0']);
    stage.step('f');
    // The first has just left the grid.
    expect(stage.cells('friendly_bullet')).toEqual(['4,4']);
    expect(stage.cells('trail')).toEqual([]);
  });

  test('a shot at the wall is gone at once', () => {
    const stage = dive(4, 0);
    stage.step('f');
    expect(stage.cells('friendly_bullet')).toEqual([]);
    expect(stage.state.shotTimer).toBe(4);
  });
});

describe("the player's bullets", () => {
  test('take fish before submarines, the oldest first, one each', () => {
    const stage = dive(8, 9);
    const { state } = stage;
    state.subs.add(3, 4, RIGHTWARDS, 5, 10);
    state.fish.add(3, 4, RIGHTWARDS, 3);
    state.fish.add(3, 4, RIGHTWARDS, 4);
    state.bullets.add(4, 4, LEFTWARDS);
    expect(stage.step('n')).toBe(1);
    expect([state.fish.count, state.subs.count, state.bullets.count]).toEqual([1, 1, 0]);
    // The one that is left was the second, whose timer was 4.
    expect(state.fish.moveTimers[0]).toBe(3);
    state.fish.clear();
    state.bullets.add(4, 4, LEFTWARDS);
    expect(stage.step('n')).toBe(1);
    expect(state.subs.count).toBe(0);
  });

  test('several hits in one step add up', () => {
    const stage = dive(8, 9);
    stage.state.fish.add(3, 4, RIGHTWARDS, 5);
    stage.state.fish.add(5, 6, LEFTWARDS, 5);
    stage.state.bullets.add(4, 4, LEFTWARDS);
    stage.state.bullets.add(4, 6, RIGHTWARDS);
    expect(stage.step('n')).toBe(2);
  });

  test('pass by other rows, divers and enemy bullets', () => {
    const stage = dive(8, 9);
    stage.state.fish.add(3, 5, RIGHTWARDS, 5);
    stage.state.divers.add(3, 4, RIGHTWARDS, 5);
    stage.state.enemyBullets.add(2, 4, RIGHTWARDS);
    stage.state.bullets.add(4, 4, LEFTWARDS);
    expect(stage.step('n')).toBe(0);
    expect(stage.cells('friendly_bullet')).toEqual(['4,3']);
    expect(stage.cells('enemy_bullet')).toEqual(['4,3']);
    expect(stage.cells('diver')).toEqual(['4,3']);
  });
});

describe('divers', () => {
  test('are picked up before they move, and after', () => {
    const stage = dive(4, 5);
    stage.state.divers.add(5, 4, RIGHTWARDS, 3);
    stage.state.divers.add(4, 4, RIGHTWARDS, 0);
    expect(stage.step('n')).toBe(0);
    expect(stage.state.diverCount).toBe(2);
    expect(stage.cells('diver')).toEqual([]);
    expect(stage.cells('diver_gauge')).toEqual(['9,7', '9,8']);
  });

  test('swim on when six are on board', () => {
    const stage = dive(4, 5);
    stage.state.diverCount = 5;
    stage.state.divers.add(5, 4, RIGHTWARDS, 3);
    stage.state.divers.add(5, 4, LEFTWARDS, 0);
    stage.step('n');
    // Newest first: the one about to move is taken, the older one stays.
    expect(stage.state.diverCount).toBe(6);
    expect(stage.cells('diver')).toEqual(['4,5']);
    expect(stage.state.divers.moveTimers[0]).toBe(2);
    expect(stage.cells('diver_gauge')).toEqual(['9,3', '9,4', '9,5', '9,6', '9,7', '9,8']);
  });

  test('move every six steps and leave the grid', () => {
    const stage = dive(8, 9);
    stage.state.divers.add(1, 4, LEFTWARDS, 5);
    stage.steps('nnnnn');
    expect(stage.cells('diver')).toEqual(['4,1']);
    stage.step('n');
    expect(stage.cells('diver')).toEqual(['4,0']);
    expect(stage.cells('trail')).toEqual(['4,1']);
    stage.steps('nnnnnn');
    expect(stage.cells('diver')).toEqual([]);
  });
});

describe('submarines', () => {
  test('fire 10 steps after they appeared, then every 11; the bullet is first seen one cell ahead', () => {
    const stage = begin();
    Object.assign(stage.state, { diverSpawnTimer: 127, enemySpawnTimer: 0, enemySpawnSpeed: 127 });
    stage.step('n', ...enemyDraws(true, true, 4));
    const fired: number[] = [];
    for (let step = 1; step <= 40; step++) {
      const before = stage.state.enemyBullets.count;
      stage.step('n');
      const [sub] = stage.cells('enemy_sub');
      if (stage.state.subs.fireTimers[0] === 10) {
        fired.push(step);
        expect(stage.state.enemyBullets.count).toBeGreaterThanOrEqual(before);
        expect(stage.cells('enemy_bullet')).toContain(`4,${Number(sub.at(-1)) + 1}`);
      }
    }
    expect(fired).toEqual([10, 21, 32]);
  });

  test('that leave the grid fire a bullet outside it, which nobody sees', () => {
    const stage = dive(8, 9);
    stage.state.subs.add(0, 4, LEFTWARDS, 0, 0);
    stage.step('n');
    expect(stage.state.subs.count).toBe(0);
    expect(stage.state.enemyBullets.count).toBe(0);
    expect(stage.state.turn).toBe(0);
  });

  test('that move into a bullet are removed with the oldest one there, and can still fire', () => {
    const stage = dive(8, 9);
    const { state } = stage;
    state.subs.add(2, 4, RIGHTWARDS, 0, 0);
    // These two come to (4, 3) first, then the submarine does.
    state.bullets.add(4, 4, LEFTWARDS);
    state.bullets.add(2, 4, RIGHTWARDS);
    expect(stage.step('n')).toBe(1);
    expect(state.subs.count).toBe(0);
    expect([state.bullets.count, state.bullets.directions[0]]).toEqual([1, RIGHTWARDS]);
    expect(stage.cells('enemy_bullet')).toEqual(['4,4']);
  });
});

test('a fish that moves into a bullet is removed with it', () => {
  const stage = dive(8, 9);
  stage.state.fish.add(2, 4, RIGHTWARDS, 0);
  stage.state.bullets.add(4, 4, LEFTWARDS);
  expect(stage.step('n')).toBe(1);
  expect([stage.state.fish.count, stage.state.bullets.count]).toEqual([0, 0]);
});

test('the trail of one about to leave or just come is not drawn outside the grid', () => {
  const stage = dive(8, 9);
  stage.state.fish.add(0, 4, RIGHTWARDS, 5);
  stage.state.subs.add(9, 3, LEFTWARDS, 5, 10);
  stage.state.fish.add(0, 2, LEFTWARDS, 5);
  stage.step('n');
  expect(stage.cells('trail')).toEqual(['2,1']);
});

describe('ends', () => {
  test.each<[how: string, change: (state: SeaquestState) => void, ends: boolean]>([
    ['a fish on the player', (state) => state.fish.add(5, 4, RIGHTWARDS, 3), true],
    ['a fish on the player that moves away', (state) => state.fish.add(5, 4, RIGHTWARDS, 0), true],
    ['a fish that moves onto the player', (state) => state.fish.add(4, 4, RIGHTWARDS, 0), true],
    ['a fish on the back of the submarine', (state) => state.fish.add(6, 4, RIGHTWARDS, 3), false],
    ['a submarine on the player', (state) => state.subs.add(5, 4, RIGHTWARDS, 3, 5), true],
    ['a submarine that moves onto the player', (state) => state.subs.add(6, 4, LEFTWARDS, 0, 5), true],
    ['a submarine beside the player', (state) => state.subs.add(6, 4, LEFTWARDS, 1, 5), false],
    ['an enemy bullet on the player', (state) => state.enemyBullets.add(5, 4, RIGHTWARDS), true],
    ['an enemy bullet that moves onto the player', (state) => state.enemyBullets.add(6, 4, LEFTWARDS), true],
    ['an enemy bullet two cells away', (state) => state.enemyBullets.add(7, 4, LEFTWARDS), false],
    ['a shot fired from the cell beside', (state) => state.subs.add(6, 4, LEFTWARDS, 3, 0), true],
    ['a diver on the player', (state) => state.divers.add(5, 4, RIGHTWARDS, 3), false],
  ])('%s: %s', (_how, change, ends) => {
    const stage = dive(4, 5);
    change(stage.state);
    stage.step('n');
    expect(stage.state.terminated).toBe(ends);
  });

  test('a bullet that hits the player is not removed', () => {
    const stage = dive(4, 5);
    stage.state.enemyBullets.add(6, 4, LEFTWARDS);
    stage.step('n');
    expect(stage.cells('enemy_bullet')).toEqual(['4,5']);
  });

  test('the rest of the last step is carried out, with its reward', () => {
    const hit = dive(4, 5);
    hit.state.subs.add(5, 4, LEFTWARDS, 3, 5);
    hit.state.fish.add(2, 7, RIGHTWARDS, 0);
    hit.state.bullets.add(4, 7, LEFTWARDS);
    expect(hit.step('n')).toBe(1);
    expect(hit.state.terminated).toBe(true);
    expect(hit.state.oxygen).toBe(199);
  });

  test('acting afterwards changes nothing', () => {
    const stage = dive(4, 5);
    stage.state.fish.add(5, 4, RIGHTWARDS, 3);
    stage.step('n');
    const before = SEAQUEST_CHANNELS.map((channel) => stage.cells(channel));
    expect(stage.steps('lurdf')).toBe(0);
    expect(SEAQUEST_CHANNELS.map((channel) => stage.cells(channel))).toEqual(before);
    expect(stage.state.steps).toBe(1);
  });
});

describe('oxygen', () => {
  test('falls below the surface only, is 0 after 200 steps there, and the 201st is the last', () => {
    const stage = begin();
    const { state } = stage;
    const quiet = () => Object.assign(state, { enemySpawnTimer: 50, diverSpawnTimer: 50 });
    stage.step('d');
    expect(state.oxygen).toBe(199);
    expect(stage.cells('oxygen_gauge').length).toBe(9);
    for (let step = 2; step <= 200; step++) {
      quiet();
      stage.step('n');
    }
    expect([state.oxygen, state.turn]).toEqual([0, 0]);
    expect(stage.cells('oxygen_gauge')).toEqual([]);
    quiet();
    stage.step('n');
    expect(state.terminated).toBe(true);
    expect(stage.cells('oxygen_gauge')).toEqual([]);
  });

  test.each([
    // oxygen, cells of the gauge = floor(oxygen / 20)
    [200, 10], [199, 9], [180, 9], [179, 8], [20, 1], [19, 0], [0, 0], [-1, 0],
  ])('of %d shows %d cells', (oxygen, cells) => {
    const stage = begin();
    stage.state.oxygen = oxygen;
    expect(stage.cells('oxygen_gauge')).toEqual(Array.from({ length: cells }, (_, column) => `9,${column}`));
  });

  test('coming up too late, with divers, ends the episode and still surfaces', () => {
    const stage = dive(1, 5);
    Object.assign(stage.state, { oxygen: 0, diverCount: 2 });
    stage.step('u');
    expect(stage.state.terminated).toBe(true);
    expect([stage.state.oxygen, stage.state.diverCount]).toEqual([200, 1]);
  });
});

describe('surfacing', () => {
  const surface = (diverCount: number, oxygen = 150, options: { ramping?: boolean } = {}) => {
    const stage = dive(1, 5, options);
    Object.assign(stage.state, { diverCount, oxygen });
    return { stage, state: stage.state, reward: stage.step('u') };
  };

  test('without divers ends the episode', () => {
    const { state, reward } = surface(0);
    expect(state.terminated).toBe(true);
    expect([reward, state.oxygen, state.diverCount, state.rampIndex]).toEqual([0, 150, 0, 0]);
  });

  test.each([
    // divers, oxygen, reward, divers afterwards
    [1, 150, 0, 0],
    [5, 150, 0, 4],
    [6, 150, 7, -1],
    [6, 199, 9, -1],
    [6, 19, 0, -1],
    [-1, 150, 0, -2],
    [-7, 3, 0, -8],
  ])('with %d divers and oxygen %d gives %d and leaves %d', (divers, oxygen, reward, after) => {
    const result = surface(divers, oxygen);
    expect(result.state.turn).toBe(0);
    expect([result.reward, result.state.diverCount, result.state.oxygen, result.state.rampIndex]).toEqual([reward, after, 200, 1]);
    expect(result.stage.cells('diver_gauge').length).toBe(Math.max(0, after));
  });

  test('happens once: staying at the surface does nothing', () => {
    const { stage, state } = surface(3);
    stage.steps('nlrnn');
    expect([state.diverCount, state.oxygen, state.rampIndex]).toEqual([2, 200, 1]);
    stage.steps('du');
    expect([state.diverCount, state.rampIndex]).toEqual([1, 2]);
  });

  test('again and again with a count below 0, until a diver makes it 0', () => {
    const { stage, state } = surface(6);
    stage.steps('dudu');
    expect([state.turn, state.diverCount]).toEqual([0, -3]);
    state.diverCount = -1;
    state.divers.add(5, 1, RIGHTWARDS, 3);
    stage.step('d');
    expect(state.diverCount).toBe(0);
    stage.step('u');
    expect(state.terminated).toBe(true);
  });

  test('ramps as the table says, 19 times', () => {
    const stage = dive(1, 5);
    const { state } = stage;
    const speeds: string[] = [];
    for (let i = 0; i < 21; i++) {
      Object.assign(state, { enemySpawnTimer: 50, diverSpawnTimer: 50, diverCount: 3 });
      stage.steps('u');
      speeds.push(`${state.enemySpawnSpeed} ${state.moveSpeed}`);
      stage.step('d');
    }
    expect(speeds).toEqual([
      '19 5', '18 4', '17 4', '16 3', '15 3', '14 2', '13 2', '12 2', '11 2', '10 2', '9 2', '8 2', '7 2', '6 2', '5 2', '4 2', '3 2', '2 2', '1 2',
      '1 2', '1 2',
    ]);
    expect(state.level).toBe(19);
  });

  test('does not ramp when that is off', () => {
    const { state } = surface(3, 150, { ramping: false });
    expect([state.enemySpawnSpeed, state.moveSpeed, state.level]).toEqual([20, 5, 0]);
  });

  test('a changed speed is what an enemy takes at its next movement', () => {
    const { stage, state } = surface(3);
    Object.assign(state, { moveSpeed: 2 });
    state.fish.add(2, 7, RIGHTWARDS, 4);
    stage.steps('nnnn');
    expect(stage.cells('enemy_fish')).toEqual(['7,2']);
    stage.step('n');
    expect(stage.cells('enemy_fish')).toEqual(['7,3']);
    stage.steps('nn');
    expect(stage.cells('enemy_fish')).toEqual(['7,3']);
    stage.step('n');
    expect(stage.cells('enemy_fish')).toEqual(['7,4']);
  });
});

test('at full difficulty no list comes near its capacity, and rows move one way', () => {
  const stage = begin();
  const { state } = stage;
  const rng = createRng('full difficulty');
  // At the surface nothing can happen to the player.
  Object.assign(state, { enemySpawnSpeed: 1, moveSpeed: 2, rampIndex: 19 });
  let most = 0;
  let opposed = 0;
  for (let step = 0; step < 10_000; step++) {
    state.apply(rng.below(8) === 0 ? 5 : rng.below(2) === 0 ? 1 : 3, rng);
    for (const list of [state.fish, state.subs, state.divers, state.bullets, state.enemyBullets]) most = Math.max(most, list.count);
    for (const list of [state.fish, state.subs]) {
      for (let i = 0; i < list.count; i++) if (list.opposes(list.rows[i], list.directions[i])) opposed++;
    }
  }
  expect(state.turn).not.toBe(OVER);
  expect(opposed).toBe(0);
  expect(most).toBeGreaterThan(10);
  expect(most).toBeLessThan(48);
});
