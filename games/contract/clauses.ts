/** The clauses of the contract that concern rules, notation, planes and keys. */
import { CHANCE, KEY_WORDS, OVER, createRng } from '#engine';
import type { Game } from '#engine';
import { shapeFaults } from '../shape.js';
import { Walk, demand, fingerprint, finish, keyOf, legalOf, planesOf } from './walk.js';

export interface Context {
  readonly game: Game;
  readonly seed: number;
  readonly episodes: number;
  /** Starts the given random game; the latest one is named when a clause breaks. */
  walk(episode: number): Walk;
}

export interface Clause {
  readonly id: string;
  /** What is required, in one line. */
  readonly requires: string;
  /** Throws Breach where the game breaks it. A returned text says why it does not apply. */
  check(context: Context): string | void;
}

/** Visits every position of every game, the finished ones included. */
function everywhere(context: Context, visit: (walk: Walk) => void): void {
  for (let episode = 0; episode < context.episodes; episode++) finish(context.walk(episode), visit);
}

const shape: Clause = {
  id: 'shape',
  requires: 'the game has all its fields, with valid types and sizes',
  check({ game }) {
    const faults = shapeFaults(game);
    demand(faults.length === 0, () => faults.join('; '));
  },
};

const turns: Clause = {
  id: 'turns',
  requires: 'turn is a seat of the game, CHANCE (-1) in games with explicit chance only, or OVER (-2); only then can it be truncated',
  check(context) {
    const { game } = context;
    everywhere(context, ({ state }) => {
      const { turn } = state;
      demand(turn === OVER || turn === CHANCE || turn === 0 || (turn === 1 && game.seats === 2), () => `turn is ${String(turn)} in a game of ${game.seats} seat(s)`);
      demand(turn !== CHANCE || game.chance === 'explicit', () => `chance moves next, but the game says chance: '${game.chance}'`);
      demand(turn === OVER || state.truncated !== true, () => 'the position says truncated, but the game is not over');
    });
  },
};

const legal: Clause = {
  id: 'legal',
  requires: 'legal() writes actions in ascending order, each from 0 to actionCount - 1, and returns how many; 0 just when the game is over',
  check(context) {
    const { game } = context;
    const out = new Int32Array(game.actionCount + 8);
    everywhere(context, ({ state }) => {
      const count = state.legal(out);
      demand(Number.isInteger(count) && count >= 0 && count <= game.actionCount, () => `legal() returned ${count}; actionCount is ${game.actionCount}`);
      demand((count === 0) === (state.turn === OVER), () => (count === 0 ? 'there is no legal action, but turn is not OVER' : `the game is over, but ${count} actions are legal`));
      for (let i = 0; i < count; i++) {
        demand(out[i] >= 0 && out[i] < game.actionCount, () => `legal action ${out[i]} is outside 0..${game.actionCount - 1}`);
        demand(i === 0 || out[i] > out[i - 1], () => `legal actions are not ascending: ${out[i - 1]} stands before ${out[i]}`);
      }
    });
  },
};

const length: Clause = {
  id: 'length',
  requires: 'every game ends within maxPlies',
  check(context) {
    everywhere(context, ({ ply, state, game }) => {
      demand(ply < game.maxPlies || state.turn === OVER, () => `after ${ply} plies the game is not over, but maxPlies is ${game.maxPlies}`);
    });
  },
};

const returns: Clause = {
  id: 'returns',
  requires: 'apply() returns the reward to seat 0, a finite number; in games of two seats a whole game adds up to something in [-1, 1], +1 when seat 0 wins and -1 when seat 1 wins',
  check(context) {
    const { game } = context;
    /** Decisive games by who moved last, and by who won. */
    const lastMover = [0, 0];
    const wins = [0, 0];
    for (let episode = 0; episode < context.episodes; episode++) {
      const walk = context.walk(episode);
      let mover = 0;
      while (walk.state.turn !== OVER && walk.ply <= game.maxPlies) {
        if (walk.state.turn >= 0) mover = walk.state.turn;
        const reward = walk.step();
        demand(typeof reward === 'number' && Number.isFinite(reward), () => `apply() returned ${String(reward)}`);
      }
      if (game.seats === 1) continue;
      demand(Math.abs(walk.total) <= 1 + 1e-6, () => `the rewards of the game add up to ${walk.total}`);
      if (walk.total === 0) continue;
      lastMover[mover]++;
      wins[walk.total > 0 ? 0 : 1]++;
    }
    // Rewards given to whoever moved, instead of to seat 0, show as one seat winning every game.
    const suspicious = lastMover[0] >= 5 && lastMover[1] >= 5 && (wins[0] === 0 || wins[1] === 0);
    demand(!suspicious, () => `seat ${wins[0] === 0 ? 1 : 0} won all ${wins[0] + wins[1]} decisive games, whoever moved last: rewards are to seat 0, not to the mover, so a win of seat 1 is -1`);
  },
};

const names: Clause = {
  id: 'names',
  requires: 'actionName() names each legal action differently, parseAction() finds each by its name, and finds nothing in other texts',
  check(context) {
    const { game } = context;
    const seen = new Set<string>(['', '?!', 'no such move', '\u{1F4A5}']);
    everywhere(context, ({ state }) => {
      const actions = legalOf(game, state);
      const byName = new Map<string, number>();
      for (const action of actions) {
        const name = game.actionName(state, action);
        demand(typeof name === 'string' && name.trim() !== '', () => `action ${action} has no name: ${String(name)}`);
        demand(!byName.has(name), () => `actions ${byName.get(name)} and ${action} are both named '${name}'`);
        byName.set(name, action);
        const parsed = game.parseAction(state, name);
        demand(parsed === action, () => `action ${action} is named '${name}', but parseAction() reads that as ${String(parsed)}`);
      }
      for (const text of seen) {
        if (byName.has(text)) continue;
        const parsed = game.parseAction(state, text);
        demand(parsed === undefined || actions.includes(parsed), () => `parseAction() reads '${text}' as action ${String(parsed)}, which is not legal here; it should return undefined`);
      }
      for (const name of byName.keys()) if (seen.size < 200) seen.add(name);
    });
  },
};

const reads: Clause = {
  id: 'reads',
  requires: 'legal(), key(), observe(), actionName(), parseAction() and render() leave the position as it was',
  check(context) {
    const { game } = context;
    everywhere(context, ({ state }) => {
      const before = fingerprint(game, state);
      for (const action of legalOf(game, state)) game.parseAction(state, game.actionName(state, action));
      const drawn = game.render?.(state);
      demand(drawn === undefined || (typeof drawn === 'string' && drawn.trim() !== ''), () => 'render() returned no text');
      demand(fingerprint(game, state) === before, () => 'looking at the position changed it');
    });
  },
};

const copies: Clause = {
  id: 'copies',
  requires: 'after copyFrom() two positions are equal, go on alike under the same actions and random numbers, and share nothing',
  check(context) {
    const { game } = context;
    for (let episode = 0; episode < context.episodes; episode++) {
      const walk = context.walk(episode);
      const rng = createRng(context.seed).fork('contract copies', episode);
      // The same copy again and again, so that it is not fresh when copied to.
      const copy = game.start(rng);
      const before = game.start(rng);
      while (walk.state.turn !== OVER && walk.ply <= game.maxPlies) {
        const print = fingerprint(game, walk.state);
        copy.copyFrom(walk.state);
        before.copyFrom(walk.state);
        demand(fingerprint(game, copy) === print, () => 'a copy differs from its original');
        const actions = legalOf(game, walk.state);
        const action = actions[rng.below(actions.length)];
        const reward = copy.apply(action, rng.fork('step', walk.ply));
        demand(fingerprint(game, walk.state) === print, () => `playing action ${action} on a copy changed the original`);
        const twin = game.start(rng);
        twin.copyFrom(walk.state);
        demand(twin.apply(action, rng.fork('step', walk.ply)) === reward && fingerprint(game, twin) === fingerprint(game, copy), () => `two copies went different ways after the same action ${action}`);
        while (copy.turn !== OVER && copy.legal(new Int32Array(game.actionCount)) > 0 && rng.below(3) > 0) {
          const more = legalOf(game, copy);
          copy.apply(more[rng.below(more.length)], rng);
        }
        demand(fingerprint(game, walk.state) === print, () => 'playing on a copy changed the original');
        walk.step();
        demand(fingerprint(game, before) === print, () => 'playing on the original changed a copy');
      }
      copy.copyFrom(walk.state);
      demand(copy.turn === OVER && fingerprint(game, copy) === fingerprint(game, walk.state), () => 'a copy of the finished position differs from it');
    }
  },
};

const seeds: Clause = {
  id: 'seeds',
  requires: 'the same seed and actions give the same game: all randomness comes from the rng handed in; restart() begins as start() would',
  check(context) {
    const { game } = context;
    for (let episode = 0; episode < context.episodes; episode++) {
      const twin = new Walk(game, context.seed, episode);
      finish(context.walk(episode), (walk) => {
        demand(fingerprint(game, walk.state) === fingerprint(game, twin.state) && walk.total === twin.total, () => 'a second game from the same seed went another way (Math.random, or something kept between games?)');
        if (walk.state.turn !== OVER) twin.step();
      });
      if (twin.state.restart === undefined) continue;
      twin.state.restart(createRng(context.seed).fork('restart', episode));
      const fresh = game.start(createRng(context.seed).fork('restart', episode));
      demand(fingerprint(game, fresh) === fingerprint(game, twin.state), () => 'after restart() the position is not what start() gives from the same random numbers');
    }
  },
};

const planes: Clause = {
  id: 'planes',
  requires: 'observe() overwrites all channels * height * width numbers with finite ones, and nothing beyond',
  check(context) {
    const [channels, height, width] = context.game.planes;
    const size = channels * height * width;
    const out = new Float32Array(size + 4);
    everywhere(context, ({ state }) => {
      out.fill(NaN);
      state.observe(out);
      for (let i = 0; i < size; i++) {
        const place = `channel ${Math.floor(i / (height * width))}, row ${Math.floor(i / width) % height}, column ${i % width}`;
        demand(Number.isFinite(out[i]), () => (Number.isNaN(out[i]) ? `observe() left ${place} unwritten (or wrote NaN)` : `observe() wrote ${out[i]} at ${place}`));
      }
      demand(out.subarray(size).every(Number.isNaN), () => `observe() wrote beyond its ${size} numbers`);
    });
  },
};

const keys: Clause = {
  id: 'keys',
  requires: `key() writes ${KEY_WORDS} words; positions share a key just when the network sees the same and the same actions are legal`,
  check(context) {
    const { game } = context;
    const seenByKey = new Map<string, string>();
    const keysBySeen = new Map<string, Set<string>>();
    const visits = new Map<string, number>();
    const first = new Uint32Array(KEY_WORDS);
    const second = new Uint32Array(KEY_WORDS);
    everywhere(context, ({ state }) => {
      state.key(first.fill(0xdeadbeef));
      state.key(second.fill(0x12345678));
      const unwritten = first.findIndex((word, i) => word !== second[i]);
      demand(unwritten < 0, () => `key() left word ${unwritten} unwritten, or answered differently when asked again`);
      if (state.turn === OVER) return;
      const key = keyOf(state);
      const seen = `${legalOf(game, state).join(' ')}|${planesOf(game, state).join(' ')}`;
      const other = seenByKey.get(key);
      demand(other === undefined || other === seen, () => 'an earlier position had the same key, but other planes or legal actions');
      seenByKey.set(key, seen);
      keysBySeen.set(seen, (keysBySeen.get(seen) ?? new Set()).add(key));
      visits.set(seen, (visits.get(seen) ?? 0) + 1);
    });
    // Planes may leave out history that the key holds; but if no position that came up again ever had its key again,
    // the key holds something that is no part of the position.
    const again = [...keysBySeen].filter(([seen]) => (visits.get(seen) ?? 0) > 1);
    const never = again.every(([seen, found]) => found.size === visits.get(seen));
    demand(again.length === 0 || !never, () => `${again.length} positions came up again with the same planes, and none had its key again: the key holds something that is no part of the position`);
  },
};

const over: Clause = {
  id: 'over',
  requires: 'a finished position stays finished: no actions, a key and planes all the same, and playout() gives 0',
  check(context) {
    const { game } = context;
    for (let episode = 0; episode < context.episodes; episode++) {
      const walk = context.walk(episode);
      finish(walk, () => {});
      const print = fingerprint(game, walk.state);
      const reward = walk.state.playout?.(createRng(context.seed)) ?? 0;
      demand(reward === 0, () => `playout() of a finished position gave ${reward}, whose rewards have all been given`);
      demand(walk.state.turn === OVER && fingerprint(game, walk.state) === print, () => 'a finished position changed');
    }
  },
};

const setups: Clause = {
  id: 'setups',
  requires: 'parseSetup() answers undefined to nonsense, without throwing',
  check({ game }) {
    if (game.parseSetup === undefined) return 'the game has no parseSetup()';
    for (const text of ['no such position', '?!', '\u{1F4A5}\u{1F4A5}', '\u0000', '<script>', '~'.repeat(5000)]) {
      const state = game.parseSetup(text);
      demand(state === undefined, () => `parseSetup() took '${text.slice(0, 20)}' for a position`);
    }
    return undefined;
  },
};

const chances: Clause = {
  id: 'chances',
  requires: 'where chance moves, chances() gives each legal action odds in (0, 1], which add up to 1',
  check(context) {
    const { game } = context;
    if (game.chance !== 'explicit') return `the game says chance: '${game.chance}'`;
    everywhere(context, ({ state }) => {
      if (state.turn !== CHANCE) return;
      demand(typeof state.chances === 'function', () => 'chance moves, but the state has no chances()');
      const odds = new Float32Array(legalOf(game, state).length).fill(NaN);
      state.chances(odds);
      demand(odds.every((p) => p > 0 && p <= 1), () => `odds are not all in (0, 1]: ${odds.join(', ')}`);
      const sum = odds.reduce((a, b) => a + b, 0);
      demand(Math.abs(sum - 1) < 1e-4, () => `odds add up to ${sum}`);
    });
    return undefined;
  },
};

/** In the order in which an author should mend them. */
export const RULE_CLAUSES: readonly Clause[] = [shape, legal, turns, length, returns, names, reads, copies, seeds, planes, keys, over, setups, chances];
