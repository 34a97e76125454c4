/**
 * A remote agent for Ludus, in TypeScript: `join` connects, answers what it is asked, and comes back when the line breaks.
 * Needs the package `ws`. Replace `choose` by your own player, or import `join` and hand it yours. As a program:
 *
 *   node ludus-agent.js ws://127.0.0.1:8421/agent bob TOKEN
 */
import { pathToFileURL } from 'node:url';
import { WebSocket } from 'ws';

/** One question: pick one of `legal`. */
export interface Question {
  readonly id: number;
  /** Starting position in the game's notation; left out for the usual one. */
  readonly setup?: string;
  /** Moves since then, as rows of the game's action table and by name. */
  readonly actions: readonly number[];
  readonly moves: readonly string[];
  readonly legal: readonly { readonly action: number; readonly move: string }[];
  readonly seat: 0 | 1;
  readonly board?: string;
  /** Milliseconds. */
  readonly clock?: { readonly own: number; readonly opponent: number; readonly increment: number };
  readonly millis?: number;
  readonly timeout: number;
  readonly seed: string;
}

/** `value`: in [-1, 1], view of the seat to move; optional. */
export interface Answer { readonly action: number; readonly value?: number }

export interface JoinOptions {
  readonly url: string;
  readonly name: string;
  readonly token: string;
  readonly choose: (question: Question) => Answer | Promise<Answer>;
  /** Questions answered at once; default 1. */
  readonly parallel?: number;
}

/** Resolves when the tournament is over; rejects when the host refuses this agent. */
export async function join(options: JoinOptions): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt++) {
    const ended = await sit(options, () => (attempt = 0));
    if (ended === 'over') return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`${options.url} cannot be reached`);
}

function sit({ url, name, token, choose, parallel = 1 }: JoinOptions, welcomed: () => void): Promise<'over' | 'broken'> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    const send = (message: object): void => socket.send(JSON.stringify(message));
    socket.on('open', () => send({ type: 'hello', protocol: 1, name, token, parallel }));
    socket.on('error', () => undefined); // `close` follows
    socket.on('close', (code, reason) => {
      if (code === 1000) resolve('over');
      else if (code >= 4001 && code <= 4003) reject(new Error(`refused: ${String(reason)}`));
      else resolve('broken');
    });
    socket.on('message', async (data) => {
      const message = JSON.parse(String(data)) as { readonly type: string } & Question;
      if (message.type === 'welcome') welcomed();
      if (message.type !== 'ask') return; // `cancel` and `bye` need no answer
      try {
        send({ type: 'move', id: message.id, ...(await choose(message)) });
      } catch (error) {
        send({ type: 'error', id: message.id, message: String(error) });
      }
    });
  });
}

/** Any legal move: put a better idea here. */
export function choose({ legal }: Question): Answer {
  return { action: legal[Math.floor(Math.random() * legal.length)].action };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [url = 'ws://127.0.0.1:8421/agent', name = 'bob', token = process.env.LUDUS_REMOTE_TOKEN ?? ''] = process.argv.slice(2);
  await join({ url, name, token, choose });
}
