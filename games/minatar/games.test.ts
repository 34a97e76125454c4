/** What the recorded episodes of breakout, freeway and space invaders do not show, and what all five games share. */
import { describe, expect, test } from 'vitest';
import { OVER, UserError, createRng } from '#engine';
import { checkGame, describeReport } from '#games/contract';
import { BREAKOUT_CHANNELS, BreakoutState } from './breakout.js';
import { FREEWAY_CHANNELS, FreewayState } from './freeway.js';
import { createMinAtar, minatarGames, minatarId, minatarIds, minatarVariant } from './index.js';
import { SPACE_INVADERS_CHANNELS, SpaceInvadersState } from './space-invaders.js';
import { Stage, below } from './stage.js';

const settings = (id: (typeof minatarIds)[number], ramping = true) => createMinAtar(id, { sticky: 0, ramping }).settings;

describe.each(minatarGames.map((game) => [game.id, game] as const))('%s', (id, game) => {
  test('keeps to the contract', () => {
    // A game of freeway has 2501 plies, others of random play some dozens.
    const report = checkGame(game, { seed: 7, episodes: id === 'freeway' ? 1 : 10 });
    expect(describeReport(report)).toContain(`${id} keeps to the contract`);
  });

  test('is cut by its limit of steps, which is no true end', () => {
    const short = createMinAtar(minatarId(id), { maxSteps: 5, sticky: 0 });
    const state = short.start(createRng(1));
    const rng = createRng(2);
    for (let step = 0; step < 5; step++) {
      expect([state.turn, state.truncated, state.terminated]).toEqual([0, false, false]);
      state.apply(0, rng);
    }
    expect([state.turn, state.truncated, state.terminated]).toEqual([OVER, true, false]);
    state.restart(rng);
    expect([state.turn, state.truncated, state.terminated, state.steps]).toEqual([0, false, false, 0]);
  });

  test('an episode begun again goes as a fresh one from the same random numbers', () => {
    const used = game.start(createRng(1));
    const rng = createRng(3);
    while (used.turn !== OVER) used.apply(rng.below(6), rng);
    used.restart(createRng(4));
    used.lastExecuted = 0;
    const fresh = game.start(createRng(4));
    const usedRng = createRng(5);
    const freshRng = createRng(5);
    const seen = [new Float32Array(game.settings.observationSize), new Float32Array(game.settings.observationSize)];
    for (let step = 0; step < 200 && fresh.turn !== OVER; step++) {
      expect(used.apply(step % 6, usedRng)).toBe(fresh.apply(step % 6, freshRng));
      used.observe(seen[0]);
      fresh.observe(seen[1]);
      expect(seen[0]).toEqual(seen[1]);
    }
    expect(used.turn).toBe(fresh.turn);
  });
});

describe('sticky actions', () => {
  test('a stuck action repeats the executed one, a tenth of the time, across episodes', () => {
    const game = createMinAtar('space-invaders', { maxSteps: 100 });
    const rng = createRng('sticky');
    const state = game.start(rng);
    let stuck = 0;
    let chances = 0;
    for (let step = 0; step < 30_000; step++) {
      if (state.turn === OVER) state.restart(rng);
      const before = state.lastExecuted;
      const requested = (before + 1) % 6;
      state.apply(requested, rng);
      expect([before, requested]).toContain(state.lastExecuted);
      chances++;
      if (state.lastExecuted === before) stuck++;
    }
    // Four standard errors of a share of 0.1.
    expect(Math.abs(stuck / chances - 0.1)).toBeLessThan(4 * Math.sqrt((0.1 * 0.9) / chances));
  });

  test('a new environment remembers doing nothing', () => {
    const always = createMinAtar('breakout', { sticky: 1 });
    const state = always.start(createRng(1));
    state.apply(1, createRng(1));
    expect(state.lastExecuted).toBe(0);
  });
});

describe('variants', () => {
  test.each<[Parameters<typeof createMinAtar>, string, number, string]>([
    [['asterix', { actions: 'minimal' }], 'asterix-minimal', 5, 'nothing left up right down'],
    [['breakout', { actions: 'minimal' }], 'breakout-minimal', 3, 'nothing left right'],
    [['freeway', { actions: 'minimal' }], 'freeway-minimal', 3, 'nothing up down'],
    [['seaquest', { actions: 'minimal' }], 'seaquest', 6, 'nothing left up right down fire'],
    [['space-invaders', { actions: 'minimal' }], 'space-invaders-minimal', 4, 'nothing left right fire'],
    [['freeway', { sticky: 0 }], 'freeway-sticky0', 6, 'nothing left up right down fire'],
    [['freeway', { sticky: 0.25, ramping: false }], 'freeway-steady-sticky25', 6, 'nothing left up right down fire'],
  ])('%j is %s', (options, id, count, names) => {
    const game = createMinAtar(...options);
    const state = game.start(createRng(1));
    const legal = new Int32Array(6);
    expect([game.id, game.actionCount, state.legal(legal)]).toEqual([id, count, count]);
    expect(Array.from(legal.subarray(0, count), (action) => game.actionName(state, action)).join(' ')).toBe(names);
    expect(checkGame(game, { episodes: 0 }).clauses[0].result).toBe('pass');
  });

  test('the minimal actions are those of the full set', () => {
    const state = createMinAtar('breakout', { actions: 'minimal', sticky: 0 }).start(createRng(1));
    state.apply(2, createRng(1));
    expect(state.lastExecuted).toBe(3);
  });

  test('actions are read by name or letter', () => {
    const game = createMinAtar('freeway', { actions: 'minimal' });
    const state = game.start(createRng(1));
    expect(['up', 'U', ' d ', 'n', 'left', 'f', ''].map((text) => game.parseAction(state, text))).toEqual([1, 1, 2, 0, undefined, undefined, undefined]);
  });

  test('ids accept _ and - alike, and others are refused', () => {
    expect(['space_invaders', 'Space-Invaders', 'spaceinvaders'].map(minatarId)).toEqual(['space-invaders', 'space-invaders', 'space-invaders']);
    expect(() => minatarId('sea_quest2')).toThrow(UserError);
    expect(() => minatarId('brakeout')).toThrow(/did you mean 'breakout'/);
  });
});

describe('breakout', () => {
  const begin = (right = 0) => new Stage(new BreakoutState(settings('breakout')), BREAKOUT_CHANNELS, below(right, 2));

  test('lasts 6 steps without a bounce', () => {
    const stage = begin();
    stage.steps('nnnnn');
    expect(stage.state.turn).toBe(0);
    stage.step('n');
    expect([stage.state.terminated, stage.cells('ball')]).toEqual([true, ['9,6']]);
  });

  test.each<[paddle: number, column: number, columnStep: number, cell: string, rowStep: number, columnStepAfter: number]>([
    // On the old column: V-flip. On the new one: reverse. At the wall, old and new are one.
    [4, 4, 1, '8,5', -1, 1],
    [5, 4, 1, '8,5', -1, -1],
    [9, 9, 1, '8,9', -1, -1],
  ])('a paddle in column %d sends a ball from column %d back', (paddle, column, columnStep, cell, rowStep, columnStepAfter) => {
    const stage = begin();
    Object.assign(stage.state, { paddle, ballRow: 8, ballColumn: column, rowStep: 1, columnStep });
    stage.step('n');
    expect(stage.cells('ball')).toEqual([cell]);
    expect(stage.cells('trail')).toEqual([`8,${column}`]);
    expect([stage.state.rowStep, stage.state.columnStep, stage.state.turn]).toEqual([rowStep, columnStepAfter, 0]);
  });

  test('one brick a flight: further ones are flown through and stay', () => {
    const stage = begin();
    Object.assign(stage.state, { ballRow: 4, ballColumn: 2, rowStep: -1, columnStep: 1 });
    expect(stage.step('n')).toBe(1);
    expect([stage.cells('ball'), stage.cells('brick').length]).toEqual([['4,3'], 29]);
    // Sent up again at once: the strike flag was cleared only by a step outside bricks.
    Object.assign(stage.state, { rowStep: -1 });
    expect(stage.step('n')).toBe(0);
    expect([stage.cells('ball'), stage.cells('brick').length]).toEqual([['3,4'], 29]);
  });

  test('bricks come back when the ball reaches the bottom, also as it is missed', () => {
    const stage = begin();
    Object.assign(stage.state, { bricks: 0, ballRow: 8, ballColumn: 0, rowStep: 1, columnStep: 1, paddle: 7 });
    stage.step('n');
    expect([stage.state.terminated, stage.cells('brick').length]).toEqual([true, 30]);
  });

  test('has no level', () => expect(begin().state.level).toBeUndefined());
});

describe('freeway', () => {
  const cars = (speed: number, direction: 0 | 1) => [...Array.from({ length: 8 }, () => below(speed - 1, 5)), ...Array.from({ length: 8 }, () => below(direction, 2))];

  test('lasts just 2501 steps, and the last is a true end', () => {
    const game = createMinAtar('freeway');
    const rng = createRng('freeway');
    const state = game.start(rng);
    for (let step = 0; step < 2500; step++) state.apply(rng.below(6), rng);
    expect(state.turn).toBe(0);
    state.apply(0, rng);
    expect([state.turn, state.terminated, game.maxPlies]).toEqual([OVER, true, 2501]);
  });

  test('a car of speed s moves every s + 1 steps; the trail wraps round', () => {
    const stage = new Stage(new FreewayState(settings('freeway')), FREEWAY_CHANNELS, ...cars(2, 0));
    expect(stage.cells('speed2')).toEqual(Array.from({ length: 8 }, (_, i) => `${i + 1},1`));
    stage.steps('nn');
    expect(stage.cells('car')[0]).toBe('1,0');
    stage.step('n');
    expect(stage.cells('car')[0]).toBe('1,9');
    expect(stage.cells('speed2')[0]).toBe('1,0');
    stage.steps('nnn');
    expect(stage.cells('car')[0]).toBe('1,8');
  });

  test('holding up moves in steps 4, 7, 10; a car sends back without reward; the top gives 1 and new cars', () => {
    const stage = new Stage(new FreewayState(settings('freeway')), FREEWAY_CHANNELS, ...cars(5, 1));
    stage.steps('uuu');
    expect(stage.cells('chicken')).toEqual(['9,4']);
    stage.step('u');
    expect(stage.cells('chicken')).toEqual(['8,4']);
    stage.steps('uuu');
    expect(stage.cells('chicken')).toEqual(['7,4']);
    stage.state.columns[6] = 3;
    stage.state.timers[6] = 0;
    expect(stage.step('n')).toBe(0);
    expect(stage.cells('chicken')).toEqual(['9,4']);
    Object.assign(stage.state, { chickenRow: 1, moveTimer: 0 });
    expect(stage.step('u', ...cars(1, 0))).toBe(1);
    expect(stage.cells('chicken')).toEqual(['9,4']);
    // The timers of the new cars have already counted down once.
    expect(stage.state.timers[0]).toBe(0);
  });
});

describe('space invaders', () => {
  const begin = (ramping = true) => new Stage(new SpaceInvadersState(settings('space-invaders', ramping)), SPACE_INVADERS_CHANNELS);
  const alone = (row: number, column: number) => {
    const stage = begin();
    stage.state.aliens.fill(0);
    stage.state.aliens[row] = 1 << column;
    return stage;
  };

  test('aliens move in steps 13 and 25, the first shot is in step 11 from the column nearest the cannon', () => {
    const stage = begin();
    stage.steps('n'.repeat(10));
    expect(stage.cells('enemy_bullet')).toEqual([]);
    stage.step('n');
    expect(stage.cells('enemy_bullet')).toEqual(['3,5']);
    stage.step('n');
    expect(stage.cells('alien')[0]).toBe('0,2');
    stage.step('n');
    expect(stage.cells('alien')[0]).toBe('0,1');
    expect(stage.cells('alien_left')).toEqual(stage.cells('alien'));
    expect(stage.cells('alien_right')).toEqual([]);
  });

  test('of two equally near columns the left one shoots', () => {
    const stage = begin();
    stage.state.aliens.fill(0);
    stage.state.aliens[2] = (1 << 3) | (1 << 7);
    stage.state.alienShotTimer = 0;
    stage.step('n');
    expect(stage.cells('enemy_bullet')).toEqual(['2,3']);
  });

  test('waves come sooner up to the seventh, with ramping only', () => {
    for (const ramping of [true, false]) {
      const stage = begin(ramping);
      const intervals: number[] = [];
      for (let wave = 0; wave < 8; wave++) {
        stage.state.aliens.fill(0);
        stage.state.aliens[3] = 1 << 5;
        stage.state.friendly.fill(0);
        stage.state.friendly[4] = 1 << 5;
        Object.assign(stage.state, { alienMoveTimer: 5, alienShotTimer: 5 });
        expect(stage.step('n')).toBe(1);
        expect(stage.cells('alien').length).toBe(24);
        intervals.push(stage.state.moveInterval);
      }
      expect(intervals).toEqual(ramping ? [11, 10, 9, 8, 7, 6, 6, 6] : [12, 12, 12, 12, 12, 12, 12, 12]);
      expect(stage.state.level).toBe(ramping ? 6 : 0);
    }
  });

  test('turning with an alien in the lowest row ends the episode; it comes back at the top', () => {
    const stage = alone(9, 0);
    stage.state.alienMoveTimer = 0;
    stage.step('n');
    expect([stage.state.terminated, stage.cells('alien')]).toEqual([true, ['0,0']]);
    expect(stage.state.direction).toBe(1);
  });

  test('an alien in the lowest row beside the cannon is harmless, on its cell it is not', () => {
    const stage = alone(9, 3);
    stage.steps('nr');
    expect(stage.state.turn).toBe(0);
    Object.assign(stage.state, { cannon: 4 });
    stage.step('l');
    expect(stage.state.terminated).toBe(true);
  });
});

describe('options in a name', () => {
  test.each([
    ['breakout-minimal', 'breakout-minimal', 3, true, 0.1],
    ['Space_Invaders_minimal_sticky0', 'space-invaders-minimal-sticky0', 4, true, 0],
    ['asterix-sticky12-5-steady', 'asterix-steady-sticky12-5', 6, false, 0.125],
    ['freeway-sticky7', 'freeway-sticky7', 6, true, 0.07],
    ['seaquest-minimal', 'seaquest', 6, true, 0.1],
  ] as const)('%s', (name, id, actions, ramping, sticky) => {
    const game = minatarVariant(name);
    expect(game).toMatchObject({ id, actionCount: actions, settings: { ramping, sticky } });
  });
  test('are none for other names, and refused when unknown', () => {
    for (const name of ['breakout', 'breakoutminimal', 'chess-history3', 'connect4']) expect(minatarVariant(name)).toBeUndefined();
    for (const name of ['breakout-tiny', 'asterix-sticky101', 'freeway-minimal-stick']) expect(() => minatarVariant(name)).toThrow(/-minimal .*-steady .*-stickyP/);
  });
});
