import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHANCE, OVER, UserError } from '#engine';
import type { Game, Rng, State, Turn } from '#engine';
import { checkGame, clauseIds, describeReport } from './contract.js';
import { Connect4State, TicTacToeState, connect4, gameId, games, getGame, loadGame, newGameTemplate, playthrough, solverFor, ticTacToe } from './index.js';

describe.each(games.map((game) => [game.id, game] as const))('%s', (id, game) => {
  test('keeps to the contract', () => {
    const report = checkGame(game, { seed: 7, episodes: 40 });
    expect(describeReport(report)).toContain(`${id} keeps to the contract`);
    expect(report.clauses.filter(({ result }) => result !== 'pass').map((clause) => clause.id)).toEqual(['chances', 'policyPlanes']);
  });

  test('plays as in its playthrough', async () => {
    await expect(playthrough(game)).toMatchFileSnapshot(`./${id}/playthrough.txt`);
  });

  test('has a solver, one a thread', () => {
    expect(solverFor(game)).toBeDefined();
    expect(solverFor(game)).toBe(solverFor(game));
    expect(solverFor({ ...game })).toBeUndefined();
  });
});

/** Tic-tac-toe with another state, or with other fields. */
function broken(make: () => State, fields: Partial<Game> = {}): Game {
  return { ...(ticTacToe as Game), start: make, ...fields };
}

/** What breaks each clause, one way or several. */
const BREAKS: readonly (readonly [clause: string, how: string, game: unknown, says: RegExp])[] = [
  ['shape', 'not an object', 42, /is an object; this is number/],
  ['shape', 'fields missing', { id: 'X y' }, /id must be lower-case.*'X y'.*version must be.*missing/],
  ['turns', 'a seat too many', broken(() => new (class extends TicTacToeState {
    override apply(action: number): number {
      const reward = super.apply(action);
      if (this.plies === 3) this.turn = 2 as Turn;
      return reward;
    }
  })()), /turn is 2/],
  ['turns', 'chance in a game without', broken(() => new (class extends TicTacToeState {
    override apply(action: number): number {
      const reward = super.apply(action);
      if (this.plies === 3) this.turn = CHANCE;
      return reward;
    }
  })()), /chance moves next/],
  ['turns', 'truncated before the end', broken(() => new (class extends TicTacToeState {
    get truncated(): boolean {
      return this.plies >= 4;
    }
  })()), /says truncated, but the game is not over/],
  ['legal', 'descending', broken(() => new (class extends TicTacToeState {
    override legal(out: Int32Array): number {
      const count = super.legal(out);
      out.subarray(0, count).reverse();
      return count;
    }
  })()), /not ascending: 8 stands before 7/],
  ['legal', 'out of range', broken(() => new TicTacToeState(), { actionCount: 8 }), /returned 9; actionCount is 8/],
  ['legal', 'none before the end', broken(() => new (class extends TicTacToeState {
    override legal(out: Int32Array): number {
      return this.plies === 4 ? 0 : super.legal(out);
    }
  })()), /no legal action, but turn is not OVER/],
  ['legal', 'it throws', broken(() => new (class extends TicTacToeState {
    override legal(): number {
      throw new TypeError('no board');
    }
  })()), /no board/],
  ['length', 'longer than maxPlies', broken(() => new TicTacToeState(), { maxPlies: 5 }), /after 5 plies the game is not over/],
  ['returns', 'not a number', broken(() => new (class extends TicTacToeState {
    override apply(action: number): number {
      super.apply(action);
      return undefined as unknown as number;
    }
  })()), /apply\(\) returned undefined/],
  ['returns', 'too much', broken(() => new (class extends TicTacToeState {
    override apply(action: number): number {
      return 2 * super.apply(action);
    }
  })()), /add up to -?2/],
  ['returns', 'to the mover', broken(() => new (class extends TicTacToeState {
    override apply(action: number): number {
      return Math.abs(super.apply(action));
    }
  })()), /rewards are to seat 0, not to the mover/],
  ['names', 'two alike', broken(() => new TicTacToeState(), { actionName: (_state, action) => 'abc'[action % 3] }), /both named|reads that as/],
  ['names', 'not read back', broken(() => new TicTacToeState(), { parseAction: () => undefined }), /reads that as undefined/],
  ['names', 'nonsense read', broken(() => new TicTacToeState(), { parseAction: (state, text) => ticTacToe.parseAction(state as TicTacToeState, text) ?? 99 }), /reads '' as action 99/],
  ['reads', 'observe moves', broken(() => new (class extends TicTacToeState {
    looks = 0;
    override observe(out: Float32Array): void {
      super.observe(out);
      out[0] += this.looks++;
    }
  })()), /looking at the position changed it/],
  ['copies', 'a part left out', broken(() => new (class extends TicTacToeState {
    override copyFrom(other: TicTacToeState): void {
      const { plies } = this;
      super.copyFrom(other);
      this.plies = plies;
    }
  })()), /went different ways|differs/],
  ['copies', 'shared', (() => {
    class Shared extends TicTacToeState {
      board = { marks: 0 };
      override apply(action: number): number {
        this.board.marks++;
        return super.apply(action);
      }
      override copyFrom(other: this): void {
        super.copyFrom(other);
        this.board = other.board;
      }
      override observe(out: Float32Array): void {
        super.observe(out);
        out[0] = this.board.marks;
      }
    }
    return broken(() => new Shared());
  })(), /on a copy changed the original/],
  ['seeds', 'randomness of its own', (() => {
    let calls = 0;
    return broken(() => {
      const state = new TicTacToeState();
      state.apply(calls++ % 9);
      return state;
    });
  })(), /from the same seed went another way/],
  ['seeds', 'a restart that leaves something behind', broken(() => new (class extends TicTacToeState {
    restart(): void {
      this.copyFrom(new TicTacToeState());
      this.apply(4);
    }
  })()), /not what start\(\) gives/],
  ['planes', 'a cell left out', broken(() => new (class extends TicTacToeState {
    override observe(out: Float32Array): void {
      const kept = out[4];
      super.observe(out);
      out[4] = kept;
    }
  })()), /left channel 0, row 1, column 1 unwritten/],
  ['planes', 'beyond', broken(() => new (class extends TicTacToeState {
    override observe(out: Float32Array): void {
      super.observe(out);
      if (out.length > 18) out[18] = 0;
    }
  })()), /wrote beyond its 18 numbers/],
  ['keys', 'words left out', broken(() => new (class extends TicTacToeState {
    override key(out: Uint32Array): void {
      out[0] = this.index();
    }
  })()), /left word 1 unwritten/],
  ['keys', 'two positions share one', broken(() => new (class extends TicTacToeState {
    override key(out: Uint32Array): void {
      out.fill(this.plies);
    }
  })()), /same key, but other planes/],
  ['keys', 'never the same twice', (() => {
    let born = 0;
    class Numbered extends TicTacToeState {
      serial = born++;
      override copyFrom(other: this): void {
        super.copyFrom(other);
        this.serial = other.serial;
      }
      override key(out: Uint32Array): void {
        super.key(out);
        out[3] = this.serial;
      }
    }
    return broken(() => new Numbered());
  })(), /holds something that is no part of the position/],
  ['over', 'rewarded twice', broken(() => new (class extends TicTacToeState {
    override playout(rng: Rng): number {
      return this.turn === OVER && this.won() ? (this.plies % 2) * 2 - 1 : super.playout(rng);
    }
  })()), /playout\(\) of a finished position gave/],
  ['setups', 'takes anything', broken(() => new TicTacToeState(), { parseSetup: () => new TicTacToeState() }), /took 'no such position' for a position/],
  ['setups', 'throws', broken(() => new TicTacToeState(), { parseSetup: () => JSON.parse('{') as State }), /the game threw SyntaxError/],
  ['chances', 'odds that do not add up', (() => {
    // A game whose first action is chance's.
    class Dice implements State {
      turn: Turn = CHANCE;
      rolled = 0;
      legal(out: Int32Array): number {
        if (this.turn === OVER) return 0;
        out.set([0, 1, 2]);
        return 3;
      }
      apply(action: number): number {
        this.turn = this.turn === CHANCE ? 0 : OVER;
        this.rolled = this.rolled * 4 + action + 1;
        return this.turn === OVER ? action - 1 : 0;
      }
      copyFrom(other: Dice): void {
        this.turn = other.turn;
        this.rolled = other.rolled;
      }
      key(out: Uint32Array): void {
        out.fill(0, 0, 4)[0] = this.rolled;
      }
      observe(out: Float32Array): void {
        out[0] = this.rolled;
      }
      chances(out: Float32Array): void {
        out.fill(0.25, 0, 3);
      }
    }
    return { id: 'dice', name: 'Dice', version: 1, seats: 1, chance: 'explicit', actionCount: 3, maxPlies: 2, planes: [1, 1, 1], start: () => new Dice(), actionName: (_s: State, a: number) => String(a), parseAction: (s: State, t: string) => (s.turn !== OVER && /^[012]$/.test(t) ? Number(t) : undefined) };
  })(), /odds add up to 0.75/],
  ['symmetries', 'not a permutation', broken(() => new TicTacToeState(), { symmetries: [{ name: 'identity', cells: new Int32Array(9), actions: new Int32Array(9) }] }), /cells is not a permutation/],
  ['symmetries', 'identity not first', broken(() => new TicTacToeState(), { symmetries: ticTacToe.symmetries?.slice(1) }), /not the identity/],
  ['symmetries', 'actions turned the other way', broken(() => new TicTacToeState(), { symmetries: ticTacToe.symmetries?.map((symmetry, i, all) => (i === 1 ? { ...symmetry, actions: all[3].actions } : symmetry)) }), /'rotate 90'/],
  ['policyPlanes', 'too short', broken(() => new TicTacToeState(), { policyPlanes: { count: 1, gather: new Int32Array(8) } }), /8 entries for 9 actions/],
  ['policyPlanes', 'two in one place', broken(() => new TicTacToeState(), { policyPlanes: { count: 1, gather: Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 7) } }), /actions 7 and 8 the same place 7/],
  ['policyPlanes', 'beyond the planes', broken(() => new TicTacToeState(), { policyPlanes: { count: 1, gather: Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 9) } }), /gather\[8\] is 9; 1 planes of 3 x 3 have places 0..8/],
  ['playout', 'unfinished', broken(() => new (class extends TicTacToeState {
    override playout(): number {
      return 0;
    }
  })()), /left the game unfinished/],
  ['playout', 'another sign', broken(() => new (class extends TicTacToeState {
    override playout(rng: Rng): number {
      return 0 - super.playout(rng);
    }
  })()), /the return to seat 0 is/],
  ['playout', 'left-leaning', { ...(connect4 as Game), start: () => new (class extends Connect4State {
    override playout(rng: Rng): number {
      const out = new Int32Array(7);
      let total = 0;
      // Rounding a draw of 8 down to 7 columns favours the last.
      for (let count = this.legal(out); count > 0; count = this.legal(out)) total += this.apply(out[Math.min(count - 1, rng.below(8))]);
      return total;
    }
  })() }, /after playout\(\)/],
];

describe('a broken game is told what is wrong and where', () => {
  test.each(BREAKS)('%s: %s', (clause, _how, game, says) => {
    const report = checkGame(game, { episodes: 30 });
    const failed = report.clauses.filter(({ result }) => result === 'fail').map(({ id }) => id);
    expect(failed).toContain(clause);
    const found = report.clauses.find(({ id }) => id === clause);
    expect(found?.detail).toMatch(says);
    expect(report.ok).toBe(false);
    expect(describeReport(report)).toContain(`FAIL    ${clause}`);
  });

  test('every clause has a game that breaks it', () => {
    expect(new Set(BREAKS.map(([clause]) => clause))).toEqual(new Set(clauseIds));
  });

  test('the first counter-example can be replayed', () => {
    const report = checkGame(broken(() => new TicTacToeState(), { maxPlies: 5 }), { seed: 3 });
    const witness = report.clauses.find(({ id }) => id === 'length')?.witness;
    expect(witness).toMatchObject({ seed: 3, ply: 5 });
    expect(ticTacToe.parseSetup?.(witness?.moves.join(' ') ?? '')?.turn).not.toBe(OVER);
  });
});

describe('finding and loading games', () => {
  test.each([['connect4', 'connect4'], ['Connect_4', 'connect4'], ['TIC_TAC_TOE', 'tic-tac-toe'], ['tictactoe', 'tic-tac-toe']])('%s is %s', (word, id) => {
    expect(getGame(word).id).toBe(id);
  });

  test('suggests the nearest name', () => {
    expect(() => getGame('conect4')).toThrow("unknown game 'conect4'; did you mean 'connect4'?");
  });

  test('a module of one\'s own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ludus-games-'));
    try {
      const good = join(folder, 'my-game.mjs');
      writeFileSync(good, newGameTemplate('My Game'));
      const game = await loadGame(good);
      expect([game.id, game.name]).toEqual(['my-game', 'My game']);
      const report = checkGame(game, { episodes: 100 });
      expect(describeReport(report)).toContain('my-game keeps to the contract');
      // A module must not be taken for a game when it is none.
      const cases = [['empty.mjs', '', /exports no game/], ['half.mjs', 'export default { id: "half" }', /version must be/], ['bad.mjs', 'export default (', /cannot load a game/], ['gone.mjs', undefined, /cannot load a game/]] as const;
      for (const [file, source, says] of cases) {
        if (source !== undefined) writeFileSync(join(folder, file), source);
        const error = await loadGame(join(folder, file)).catch((e: unknown) => e);
        expect(error).toBeInstanceOf(UserError);
        expect((error as UserError).kind).toBe('data');
        expect((error as UserError).message).toMatch(says);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([['My Game', 'my-game'], ['fourInARow', 'four-in-a-row'], ['x_y', 'x-y'], ['!!', 'my-game']])('the id of %j is %s', (name, id) => {
    expect(gameId(name)).toBe(id);
  });
});
