/** The module that `ludus games new` writes: a whole small game with comments, to be changed into one's own. */

/** "My Game" and "my_game" become 'my-game': the form of a game's id. */
export function gameId(name: string): string {
  const id = name
    .trim()
    .replaceAll(/([a-z0-9])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$&-')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return id === '' ? 'my-game' : id;
}

/** JavaScript source of a complete game (Breakthrough on five by five) under the given name; imports nothing. */
export function newGameTemplate(name: string): string {
  const id = gameId(name);
  const title = id.replaceAll('-', ' ').replace(/^./, (letter) => letter.toUpperCase());
  return SOURCE.replaceAll('%ID%', id).replaceAll('%TITLE%', title);
}

const SOURCE = `/**
 * %TITLE%: a game for Ludus. As it stands it is Breakthrough on a small board; change it into your own.
 *
 *   ludus games check ./%ID%.js      says whether the contract is kept, and where not
 *   ludus train ./%ID%.js            learns it by self-play
 *   ludus match --game ./%ID%.js --a uct:sims=200 --b random
 *
 * Rules: each side has two rows of pawns. A pawn steps one cell forward, straight or diagonally, onto an empty cell;
 * diagonally also onto an enemy pawn, which it takes. Whoever reaches the far row, or takes the last pawn, wins.
 */

const SIZE = 5;
const CELLS = SIZE * SIZE;
const OVER = -2; // \`turn\` of a finished game

// Cells are numbered row by row from the top left. Seat 0 sits at the bottom and moves up. Seat 1 moves down: we turn
// the board by half for it, so that in the view of the side to move, forward is always up. Both sides then share what
// the network learns. \`view\` and \`unview\` are the same turn.
const turned = (cell, seat) => (seat === 0 ? cell : CELLS - 1 - cell);

// Actions must be numbered once and for all: here (cell of the pawn in the mover's view) * 3 + (0 left, 1 ahead, 2 right).
const DIRECTIONS = 3;

class Position {
  constructor() {
    this.turn = 0; // 0 or 1: the seat to move; OVER at the end
    this.seat = 0; // as turn, but kept after the end: whose view the planes show
    this.plies = 0;
    this.owner = new Int8Array(CELLS).fill(-1); // [CELLS]: seat that has a pawn there, or -1
    for (let cell = 0; cell < 2 * SIZE; cell++) {
      this.owner[cell] = 1;
      this.owner[CELLS - 1 - cell] = 0;
    }
  }

  /** Where the action leads, in the mover's view, or -1 if the rules forbid it. */
  target(action) {
    const from = Math.floor(action / DIRECTIONS);
    const column = (from % SIZE) + (action % DIRECTIONS) - 1;
    const to = from - SIZE + (action % DIRECTIONS) - 1;
    if (this.owner[turned(from, this.seat)] !== this.seat || column < 0 || column >= SIZE || from < SIZE) return -1;
    const there = this.owner[turned(to, this.seat)];
    const straight = action % DIRECTIONS === 1;
    return there === -1 || (there !== this.seat && !straight) ? to : -1;
  }

  /** Writes the legal actions to out, ascending, and returns how many; 0 only when the game is over. */
  legal(out) {
    if (this.turn === OVER) return 0;
    let count = 0;
    for (let action = 0; action < CELLS * DIRECTIONS; action++) if (this.target(action) >= 0) out[count++] = action;
    return count;
  }

  /**
   * Plays a legal action. Returns the reward to SEAT 0, whoever moved: here 1 if seat 0 has just won, -1 if seat 1 has,
   * 0 before the end and for a draw. A game with dice would draw them from \`rng\` (and say chance: 'sampled').
   */
  apply(action, rng) {
    const to = this.target(action);
    this.owner[turned(Math.floor(action / DIRECTIONS), this.seat)] = -1;
    this.owner[turned(to, this.seat)] = this.seat;
    const mover = this.seat;
    this.plies++;
    this.seat = 1 - mover;
    this.turn = this.seat;
    // There is always a move: no pawn of one's own stands before the foremost one, so it can step or take diagonally.
    // A game without that must say what happens to a side that cannot move.
    if (to >= SIZE && this.owner.includes(this.seat)) return 0;
    this.turn = OVER;
    return mover === 0 ? 1 : -1;
  }

  /** Becomes equal to another position, and shares nothing with it. */
  copyFrom(other) {
    this.turn = other.turn;
    this.seat = other.seat;
    this.plies = other.plies;
    this.owner.set(other.owner);
  }

  /** Four 32-bit words that tell positions apart: everything that planes and legal moves depend on must go in. */
  key(out) {
    out.fill(0, 0, 4);
    for (let cell = 0; cell < CELLS; cell++) {
      const owner = this.owner[turned(cell, this.seat)];
      const mark = owner === -1 ? 1 : owner === this.seat ? 2 : 3;
      for (let word = 0; word < 4; word++) out[word] = Math.imul(out[word] ^ mark, 0x01000193 + 2 * word) ^ (out[word] >>> (13 + word));
    }
  }

  /**
   * What the network sees: overwrites all of out, channel by channel, each channel row by row, in the view of the side
   * to move. Channel 0: own pawns, channel 1: enemy pawns.
   */
  observe(out) {
    for (let cell = 0; cell < CELLS; cell++) {
      const owner = this.owner[turned(cell, this.seat)];
      out[cell] = owner === this.seat ? 1 : 0;
      out[CELLS + cell] = owner === 1 - this.seat ? 1 : 0;
    }
  }
}

const cellName = (cell) => 'abcde'[cell % SIZE] + (SIZE - Math.floor(cell / SIZE));

const game = {
  id: '%ID%',
  name: '%TITLE%',
  version: 1, // raise it when rules, actions or planes change: old runs are then refused instead of misread
  seats: 2, // 2: what one wins the other loses
  chance: 'none',
  actionCount: CELLS * DIRECTIONS,
  maxPlies: 70, // an upper bound: each side has 5 pawns 3 steps, and 5 pawns 4 steps, from the far row
  planes: [2, SIZE, SIZE], // channels, height, width

  start: (rng) => new Position(),

  /** How people write a legal action; no two of a position alike. */
  actionName(state, action) {
    const from = Math.floor(action / DIRECTIONS);
    return cellName(turned(from, state.seat)) + cellName(turned(state.target(action), state.seat));
  },

  /** The legal action with that name, or undefined. */
  parseAction(state, text) {
    const out = new Int32Array(this.actionCount);
    const legal = [...out.subarray(0, state.legal(out))];
    return legal.find((action) => this.actionName(state, action) === text.trim().toLowerCase());
  },

  /** The board as text; may be left out. */
  render(state) {
    const rows = [];
    for (let row = 0; row < SIZE; row++) {
      const cells = [...state.owner.subarray(row * SIZE, (row + 1) * SIZE)].map((owner) => (owner === -1 ? '.' : 'XO'[owner]));
      rows.push(SIZE - row + '  ' + cells.join(' '));
    }
    return rows.join('\\n') + '\\n   a b c d e';
  },

  // Ways of turning the board onto itself, the identity first; they multiply what is learnt from each game. cells[i]
  // says which cell of the original comes to i; actions[a] says what action a of the original becomes. May be left out.
  symmetries: [
    { name: 'identity', cells: Int32Array.from({ length: CELLS }, (_, i) => i), actions: Int32Array.from({ length: CELLS * DIRECTIONS }, (_, a) => a) },
    {
      name: 'mirror',
      cells: Int32Array.from({ length: CELLS }, (_, i) => mirrored(i)),
      actions: Int32Array.from({ length: CELLS * DIRECTIONS }, (_, a) => mirrored(Math.floor(a / DIRECTIONS)) * DIRECTIONS + 2 - (a % DIRECTIONS)),
    },
  ],
};

/** The cell on the other side of the middle column. */
function mirrored(cell) {
  return cell - (cell % SIZE) + SIZE - 1 - (cell % SIZE);
}

export default game;
`;
