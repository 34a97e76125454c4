/** `ludus play`: a game against an agent, in the terminal. */
import { createInterface } from 'node:readline/promises';
import { createRng, OVER, UserError, type Action, type Game, type State } from '#engine';
import { createAgent, type Agent, type Analysis } from '#arena';
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

function thought(game: Game, state: State, analysis: Analysis): string {
  const value = analysis.value === undefined ? '' : ` · it expects ${analysis.value >= 0 ? '+' : ''}${analysis.value.toFixed(2)} for itself`;
  const searched = analysis.simulations > 0 ? ` · ${analysis.simulations.toLocaleString('en-US')} simulations` : '';
  return `${game.actionName(state, analysis.action)}${value}${searched} · ${Math.round(analysis.millis)} ms`;
}

export async function play(gameName: string, options: PlayCommand): Promise<void> {
  const { game } = await gameOf(gameName);
  if (game.seats !== 2) throw new UserError('usage', `${game.name} is played alone; there is no opponent to choose.`);
  const agent: Agent = await createAgent(options.agent, game, {});
  const rng = createRng(options.seed);
  const person = options.second ? 1 : 0;
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const input = createInterface({ input: process.stdin, output: process.stderr, terminal: process.stdin.isTTY === true });
  const lines = input[Symbol.asyncIterator]();
  const legal = new Int32Array(game.actionCount);
  const moves: Action[] = [];
  /** Position and returns to seat 0 after all moves, replayed: an undone move leaves no trace. */
  const replay = (): { state: State; score: number } => {
    const state = positionOf(game, options.setup ?? '');
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
        const analysis = await agent.analyse({ state, rng: rng.fork('agent', moves.length) });
        say(`${agent.name}: ${thought(game, state, analysis)}`);
        moves.push(analysis.action);
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
      else if (text === 'hint') say(`hint: ${thought(game, state, await agent.analyse({ state, rng: rng.fork('hint', moves.length) }))}`);
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
