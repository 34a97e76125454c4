/** `ludus play`: a game against an agent, in the terminal. */
import { createInterface } from 'node:readline/promises';
import { createRng, OVER, UserError, type Action, type Game, type State } from '#engine';
import { createAgent, isLegal, parseAnyAgent, startPlayer, type Choice } from '#arena';
import { printResult } from '../output.js';
import { gameOf, positionOf } from '../setup.js';

interface PlayCommand {
  readonly agent: string;
  readonly second?: boolean;
  readonly setup?: string;
  readonly seed: number;
  readonly json?: boolean;
}

const HELP = 'Type a move, or: undo (takes back your last move), hint (what the agent would play), moves, resign, quit.';

interface Thought extends Omit<Choice, 'depth'> {
  readonly millis: number;
}

/** Whoever is played against. */
interface Opponent {
  readonly name: string;
  /** What it would play after these moves. */
  think(state: State, moves: readonly Action[], purpose: 'agent' | 'hint'): Promise<Thought>;
  close(): Promise<void>;
}

/** Throws UserError when it cannot start. An engine that fails to move later is started again when it is next asked. */
async function opponent(text: string, game: Game, spec: string, setup: string | undefined, seed: number): Promise<Opponent> {
  const agentSpec = parseAnyAgent(text);
  if (agentSpec.kind !== 'uci' && agentSpec.kind !== 'remote') {
    const agent = await createAgent(agentSpec, game, {});
    const rng = createRng(seed);
    return { name: agent.name, close: () => agent.close(), think: (state, moves, purpose) => agent.analyse({ state, rng: rng.fork(purpose, moves.length) }) };
  }
  const player = await startPlayer(agentSpec, { game: spec });
  const scratch = new Int32Array(game.actionCount);
  return {
    name: player.name,
    close: () => player.close(),
    async think(state, moves) {
      const started = performance.now();
      const [answer] = await player.chooseMany([{ position: { moves, ...(setup === undefined ? {} : { setup }) }, seed }]);
      if (!('action' in answer)) throw new UserError('environment', answer.message);
      if (!isLegal(state, answer.action, scratch)) throw new UserError('environment', `${player.name} named no legal move`);
      return { ...answer, millis: performance.now() - started };
    },
  };
}

function describe(game: Game, state: State, thought: Thought): string {
  const value = thought.value === undefined ? '' : ` · it expects ${thought.value >= 0 ? '+' : ''}${thought.value.toFixed(2)} for itself`;
  const searched = (thought.simulations ?? 0) > 0 ? ` · ${thought.simulations?.toLocaleString('en-US')} simulations` : '';
  return `${game.actionName(state, thought.action)}${value}${searched} · ${Math.round(thought.millis)} ms`;
}

export async function play(gameName: string, options: PlayCommand): Promise<void> {
  const { game, spec } = await gameOf(gameName);
  if (game.seats !== 2) throw new UserError('usage', `${game.name} is played alone; there is no opponent to choose.`);
  const setup = options.setup?.trim() === '' ? undefined : options.setup?.trim();
  const agent = await opponent(options.agent, game, spec, setup, options.seed);
  const rng = createRng(options.seed);
  const person = options.second ? 1 : 0;
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const input = createInterface({ input: process.stdin, output: process.stderr, terminal: process.stdin.isTTY === true });
  const lines = input[Symbol.asyncIterator]();
  const legal = new Int32Array(game.actionCount);
  const moves: Action[] = [];
  /** Position and returns to seat 0 after all moves, replayed: an undone move leaves no trace. */
  const replay = (): { state: State; score: number } => {
    const state = positionOf(game, setup ?? '');
    let score = 0;
    for (const [ply, move] of moves.entries()) score += state.apply(move, rng.fork('chance', ply));
    return { state, score };
  };
  say(`${game.name} against ${agent.name}. You are ${person === 0 ? 'first' : 'second'} to move. ${HELP}`);
  let ended: 'normal' | 'resigned' | 'quit' = 'normal';
  let { state, score } = replay();
  try {
    while (state.turn !== OVER && ended === 'normal') {
      if (state.turn !== person) {
        const thought = await agent.think(state, moves, 'agent');
        say(`${agent.name}: ${describe(game, state, thought)}`);
        moves.push(thought.action);
        ({ state, score } = replay());
        continue;
      }
      say(`\n${game.render?.(state) ?? ''}`);
      process.stderr.write('your move: ');
      const { value, done } = await lines.next();
      const text = done ? 'quit' : String(value).trim();
      if (text === '') continue;
      if (text === 'quit' || text === 'resign') ended = text === 'quit' ? 'quit' : 'resigned';
      else if (text === 'help') say(HELP);
      else if (text === 'moves') say(Array.from(legal.subarray(0, state.legal(legal)), (a) => game.actionName(state, a)).join(' '));
      else if (text === 'hint') say(`hint: ${describe(game, state, await agent.think(state, moves, 'hint'))}`);
      else if (text === 'undo') {
        if (moves.length < 2) say('There is no move of yours to take back.');
        else moves.length -= 2;
        ({ state, score } = replay());
      } else {
        const action = game.parseAction(state, text);
        if (action === undefined) {
          const names = Array.from(legal.subarray(0, state.legal(legal)), (a) => game.actionName(state, a));
          say(`'${text}' is no legal move here; legal: ${names.join(' ')}`);
          continue;
        }
        moves.push(action);
        ({ state, score } = replay());
      }
    }
  } finally {
    input.close();
    await agent.close();
  }
  if (ended === 'normal') say(`\n${game.render?.(state) ?? ''}`);
  const mine = (person === 0 ? 1 : -1) * Math.sign(score);
  const result = ended === 'resigned' ? 'loss' : ended === 'quit' ? 'unfinished' : mine > 0 ? 'win' : mine < 0 ? 'loss' : 'draw';
  printResult(options.json === true, { game: game.id, agent: agent.name, you: person, moves, result }, () =>
    ({ win: 'You won.', loss: ended === 'resigned' ? 'You resigned.' : 'You lost.', draw: 'A draw.', unfinished: 'Unfinished.' })[result],
  );
}
