import { describe, expect, test } from 'vitest';
import { KEY_WORDS, OVER, createRng } from '#engine';
import { checkGame, describeReport } from '../contract.js';
import { ACTIONS, ACTION_FROM, ACTION_PROMOTION, ACTION_TO, POLICY_GATHER, POLICY_PLANES, actionOf, actionText, moveOf } from './actions.js';
import { makeFen, parseFen } from './fen.js';
import { chess } from './game.js';
import { CHANNELS, ChessState, MAX_PLIES } from './state.js';

const legal = new Int32Array(ACTIONS);
const rng = createRng('chess');

function at(setup: string): ChessState {
  const state = chess.parseSetup?.(setup);
  if (state === undefined) throw new Error(`not a position: ${setup}`);
  return state;
}

function keyOf(state: ChessState): string {
  const key = new Uint32Array(KEY_WORDS);
  state.key(key);
  return key.join(' ');
}

function planesOf(state: ChessState): Float32Array {
  const planes = new Float32Array(CHANNELS * 64);
  state.observe(planes);
  return planes;
}

test('keeps to the contract', () => {
  const report = checkGame(chess, { seed: 7, episodes: 2 });
  expect(describeReport(report)).toContain('chess keeps to the contract');
  expect(report.clauses.filter(({ result }) => result !== 'pass').map(({ id }) => id)).toEqual(['chances', 'symmetries']);
});

describe('the action table', () => {
  test('1,792 pairs of squares and 66 underpromotions, ascending', () => {
    const underpromotions = [...ACTION_PROMOTION].filter((promotion) => promotion !== 0).length;
    expect([ACTIONS - underpromotions, underpromotions]).toEqual([1792, 66]);
    const order = Array.from({ length: ACTIONS }, (_, a) => (ACTION_FROM[a] * 64 + ACTION_TO[a]) * 8 + ACTION_PROMOTION[a]);
    expect(order.every((value, i) => i === 0 || value > order[i - 1])).toBe(true);
    expect([0, 1, ACTIONS - 1].map(actionText)).toEqual(['a1b1', 'a1c1', 'h8g8']);
  });

  test('is gathered from as many places of 73 planes, those of its from-squares', () => {
    expect(new Set(POLICY_GATHER).size).toBe(ACTIONS);
    expect(Math.max(...POLICY_GATHER)).toBeLessThan(POLICY_PLANES * 64);
    expect(POLICY_GATHER.every((place, a) => place % 64 === (ACTION_FROM[a] ^ 56))).toBe(true);
    // Of a plane, every action goes the same way.
    const steps = new Map<number, Set<string>>();
    for (let a = 0; a < ACTIONS; a++) {
      const plane = POLICY_GATHER[a] >> 6;
      const step = `${(ACTION_TO[a] & 7) - (ACTION_FROM[a] & 7)} ${(ACTION_TO[a] >> 3) - (ACTION_FROM[a] >> 3)} ${ACTION_PROMOTION[a]}`;
      steps.set(plane, (steps.get(plane) ?? new Set()).add(step));
    }
    expect([...steps.values()].every((set) => set.size === 1)).toBe(true);
    expect(steps.size).toBe(POLICY_PLANES);
  });

  test.each([
    // position, UCI, entry as the side to move sees it
    ['r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1', 'e1g1', 'e1h1'],
    ['r3k2r/8/8/8/8/8/8/R3K2R b KQkq - 0 1', 'e8c8', 'e1a1'],
    ['4k3/8/8/8/8/8/p7/1R2K3 b - - 0 1', 'a2b1n', 'a7b8n'],
    ['4k3/8/8/8/8/8/p7/1R2K3 b - - 0 1', 'a2b1q', 'a7b8'],
    ['4k3/P7/8/8/8/8/8/4K3 w - - 0 1', 'a7a8r', 'a7a8r'],
    ['6k1/R7/8/8/8/8/8/4K3 w - - 0 1', 'a7a8', 'a7a8'],
  ])('%s: %s is %s', (fen, uci, entry) => {
    const state = at(fen);
    const action = chess.parseAction(state, uci) ?? -1;
    expect(actionText(action)).toBe(entry);
    expect(actionOf(moveOf(action, state.position), state.position.side)).toBe(action);
  });
});

describe('how games end', () => {
  test.each([
    // moves or position, reward to White, ending; worked by hand
    ['1. f3 e5 2. g4 Qh4#', -1, 'checkmate'],
    ['e4 e5 Bc4 Nc6 Qh5 Nf6 Qxf7', 1, 'checkmate'],
    // Sam Loyd's stalemate in ten moves.
    ['e3 a5 Qh5 Ra6 Qxa5 h5 Qxc7 Rah6 h4 f6 Qxd7 Kf7 Qxb7 Qd3 Qxb8 Qh7 Qxc8 Kg6 Qe6', 0, 'stalemate'],
    // The start itself counts as once.
    ['Nf3 Nf6 Ng1 Ng8 Nf3 Nf6 Ng1 Ng8', 0, 'threefold repetition'],
    ['e4 e5 Nf3 Nf6 Ng1 Ng8 Nf3 Nf6 Ng1 Ng8', 0, 'threefold repetition'],
  ])('%s: %d, %s', (moves, reward, ending) => {
    const words = moves.replaceAll(/\d+\. /g, '').split(' ');
    const state = at(words.slice(0, -1).join(' '));
    expect([state.turn === OVER, state.ending]).toEqual([false, undefined]);
    expect(state.apply(chess.parseAction(state, words[words.length - 1]) ?? -1)).toBe(reward);
    expect([state.turn, state.ending, state.legal(legal)]).toEqual([OVER, ending, 0]);
    expect(chess.parseAction(state, 'e4')).toBeUndefined();
  });

  test.each([
    ['4k3/8/8/8/8/8/8/4K3 w - - 0 1', 'insufficient material'],
    ['4k3/8/8/8/8/8/8/4KN2 w - - 0 1', 'insufficient material'],
    ['4k1b1/8/8/8/8/8/8/4K3 w - - 0 1', 'insufficient material'],
    ['4kb2/8/8/8/8/8/8/2B1K3 w - - 0 1', 'insufficient material'],
    ['4k1b1/8/8/8/8/8/8/2B1K3 w - - 0 1', undefined],
    ['4k1n1/8/8/8/8/8/8/4K1N1 w - - 0 1', undefined],
    ['4k1n1/8/8/8/8/8/8/2B1K3 w - - 0 1', undefined],
    ['4k3/8/8/8/8/8/P7/4K3 w - - 0 1', undefined],
    ['4k3/8/8/8/8/8/8/R3K3 w - - 100 90', 'fifty-move rule'],
    ['4k3/8/8/8/8/8/8/R3K3 w - - 99 90', undefined],
    // Mate on the hundredth ply counts.
    ['R5k1/5ppp/8/8/8/8/8/4K3 b - - 100 90', 'checkmate'],
    ['7k/5Q2/6K1/8/8/8/8/8 b - - 0 1', 'stalemate'],
  ])('%s: %s', (fen, ending) => {
    expect(at(fen).ending).toBe(ending);
    expect(at(fen).turn === OVER).toBe(ending !== undefined);
  });

  test('the clock runs out by moves, too, and a pawn stops it', () => {
    const state = at('4k3/8/8/8/8/8/P7/R3K3 w - - 99 90');
    const pawn = new ChessState();
    pawn.copyFrom(state);
    state.apply(chess.parseAction(state, 'Rb1') ?? -1);
    expect(state.ending).toBe('fifty-move rule');
    pawn.apply(chess.parseAction(pawn, 'a3') ?? -1);
    expect([pawn.ending, pawn.position.clock]).toEqual([undefined, 0]);
  });

  test('a position with other rights, or with en passant possible, is another position', () => {
    // After e5, d5 exd6 is possible once; the knights' dance repeats the position without it.
    const state = at('e4 a6 e5 d5 Nf3 Nf6 Ng1 Ng8 Nf3 Nf6 Ng1');
    expect(state.repeated).toBe(true);
    state.apply(chess.parseAction(state, 'Ng8') ?? -1);
    expect(state.ending).toBeUndefined();
    // The rook's first journey costs a right.
    const castling = at('a4 a5 Ra3 Ra6 Ra1 Ra8 Ra3 Ra6 Ra1');
    castling.apply(chess.parseAction(castling, 'Ra8') ?? -1);
    expect([castling.ending, castling.repeated]).toEqual([undefined, true]);
  });

  test(`random games are short of ${MAX_PLIES} plies, or end there`, () => {
    const state = new ChessState();
    const endings = new Set<string | undefined>();
    for (let game = 0; game < 150; game++) {
      state.copyFrom(chess.start(rng));
      const total = state.playout(rng);
      expect(Math.abs(total)).toBe(state.ending === 'checkmate' ? 1 : 0);
      expect(state.plies).toBeLessThanOrEqual(MAX_PLIES);
      endings.add(state.ending);
    }
    expect(endings.size).toBeGreaterThanOrEqual(5);
  });
});

describe('what the network sees', () => {
  const cells = (planes: Float32Array, channel: number) =>
    [...planes.subarray(64 * channel, 64 * channel + 64)].flatMap((value, i) => (value === 0 ? [] : [`${'abcdefgh'[i % 8]}${8 - Math.floor(i / 8)}${value === 1 ? '' : `=${value.toFixed(2)}`}`]));

  test('by hand, for White', () => {
    const planes = planesOf(at('r3k3/8/8/3pP3/8/8/4N3/4K2R w Kq d6 0 9'));
    expect(Array.from({ length: 12 }, (_, channel) => cells(planes, channel).join())).toEqual(['e5', 'e2', '', 'h1', '', 'e1', 'd5', '', '', 'a8', '', 'e8']);
    expect([12, 13, 14, 15, 16, 18].map((channel) => cells(planes, channel).length)).toEqual([0, 64, 0, 0, 64, 0]);
    expect(cells(planes, 17)).toEqual(['d6']);
  });

  test('by hand, for Black: the board is turned', () => {
    const planes = planesOf(at('r3k3/8/8/8/3Pp3/8/4N3/4K2R b Kq d3 0 9'));
    expect(Array.from({ length: 12 }, (_, channel) => cells(planes, channel).join())).toEqual(['e5', '', '', 'a1', '', 'e1', 'd5', 'e7', '', 'h8', '', 'e8']);
    expect([12, 13, 14, 15, 16, 18].map((channel) => cells(planes, channel).length)).toEqual([0, 0, 64, 64, 0, 0]);
    expect(cells(planes, 17)).toEqual(['d6']);
  });

  test('repetition and clock', () => {
    const once = planesOf(at('Nf3 Nf6 Ng1'));
    const twice = planesOf(at('Nf3 Nf6 Ng1 Ng8'));
    expect([cells(once, 12).length, cells(twice, 12).length]).toEqual([0, 64]);
    expect(cells(once, 18)[0]).toBe('a8=0.03');
  });

  test('colours exchanged and the board turned over, it sees the same and may do the same', () => {
    const state = new ChessState();
    for (let i = 0; i < 600; i++) {
      if (state.turn === OVER) state.copyFrom(chess.start(rng));
      const [pieces, side, castling, ep, ...counters] = makeFen(state.position).split(' ');
      const exchange = (text: string) => text.replaceAll(/[a-z]/gi, (letter) => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()));
      const rights = exchange(castling).split('').sort().join('');
      const other = new ChessState(expectPosition([exchange(pieces).split('/').reverse().join('/'), side === 'w' ? 'b' : 'w', rights, ep.replace(/\d/, (rank) => String(9 - Number(rank))), ...counters].join(' ')));
      const actions = [...legal.subarray(0, state.legal(legal))];
      expect([...legal.subarray(0, other.legal(legal))]).toEqual(actions);
      const planes = planesOf(state);
      // History is no part of a FEN.
      planes.fill(0, 12 * 64, 13 * 64);
      expect(planesOf(other).join()).toBe(planes.join());
      state.apply(actions[rng.below(actions.length)]);
    }
  });

  function expectPosition(fen: string) {
    const parsed = parseFen(fen);
    if (!parsed.ok) throw new Error(`${fen}: ${parsed.error}`);
    return parsed.value;
  }

  test('its key tells apart what the planes show, and nothing else', () => {
    const start = keyOf(new ChessState());
    expect(keyOf(at('Nf3 Nf6 Ng1 Ng8'))).not.toBe(start);
    expect(keyOf(at('Nf3 Nf6 Nc3 Nc6'))).toBe(keyOf(at('Nc3 Nc6 Nf3 Nf6')));
    expect(keyOf(at('4k3/8/8/8/8/8/P7/R3K3 w Q - 0 1'))).not.toBe(keyOf(at('4k3/8/8/8/8/8/P7/R3K3 w - - 0 1')));
    expect(keyOf(at('4k3/8/8/8/8/8/P7/R3K3 w - - 1 1'))).not.toBe(keyOf(at('4k3/8/8/8/8/8/P7/R3K3 w - - 0 1')));
    expect(keyOf(at('4k3/8/8/8/8/8/P7/R3K3 w - - 0 1'))).toBe(keyOf(at('4k3/8/8/8/8/8/P7/R3K3 w - - 0 40')));
    expect(keyOf(at('4k3/8/8/3pP3/8/8/8/4K3 w - d6 0 1'))).not.toBe(keyOf(at('4k3/8/8/3pP3/8/8/8/4K3 w - - 0 1')));
  });
});

describe('set-ups', () => {
  test.each([
    ['', 'rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1'],
    ['1.e4 c5 2. g1f3', 'rnbqkbnr/pp1ppppp/8/2p5/4P3/5N2/PPPP1PPP/RNBQKB1R b KQkq - 1 2'],
    ['4k3/8/8/8/8/8/8/R3K3 w Q - 3 9', '4k3/8/8/8/8/8/8/R3K3 w Q - 3 9'],
    ['4k3/8/8/8/8/8/8/R3K3 w Q - 3 9 moves e1c1 Ke7', '8/4k3/8/8/8/8/8/2KR4 w - - 5 10'],
    ['4k3/8/8/8/8/8/8/R3K3 w Q - 3 9 moves', '4k3/8/8/8/8/8/8/R3K3 w Q - 3 9'],
  ])('%j', (text, fen) => {
    expect(makeFen(at(text).position)).toBe(fen);
  });

  test.each(['e5', 'e4 e4', 'x', 'e4 moves e5', '4k3/8/8/8/8/8/8/R3K3 w Q - 3 9 moves e2e4', '4k3/8/8/8/8/8/8/R3K3 w - - 0 1 moves Kd2 moves Kd2', '4k3/8/8 w - - 0 1', 'Nf3 Nf6 Ng1 Ng8 Nf3 Nf6 Ng1 Ng8 Nf3'])('refuses %j', (text) => {
    expect(chess.parseSetup?.(text)).toBeUndefined();
  });

  test('draws the board', () => {
    expect(chess.render?.(at('e4'))).toBe(`8  r n b q k b n r
7  p p p p p p p p
6  . . . . . . . .
5  . . . . . . . .
4  . . . . P . . .
3  . . . . . . . .
2  P P P P . P P P
1  R N B Q K B N R

   a b c d e f g h   Black to move`);
  });
});
