/** `ludus uci`: an agent as a chess engine on stdin and stdout. */
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { UciSession } from '#arena';
import { UserError, rulesOf } from '#engine';
import { gameOf } from '../setup.js';

const root = new URL('../../../', import.meta.url);

/** The shipped model, or what needs none. */
function defaultAgent(): string {
  const model = fileURLToPath(new URL('models/chess', root));
  return existsSync(`${model}/checkpoint.json`) ? `az:"${model}"` : 'uct:sims=1000';
}

export async function uci(options: { agent?: string; game: string; threads: number; device: 'auto' | 'cpu' | 'webgpu' | 'cuda' }): Promise<void> {
  const { game, spec } = await gameOf(options.game);
  if (rulesOf(game) !== 'chess') throw new UserError('usage', `UCI is for chess, not ${game.name}`);
  const agent = options.agent ?? defaultAgent();
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
  const session = new UciSession({ agent, game: spec, threads: options.threads, device: options.device, title: `Ludus ${version}`, write: (line) => process.stdout.write(`${line}\n`) });
  const input = createInterface({ input: process.stdin, crlfDelay: Infinity });
  input.on('line', (line) => session.hear(line));
  input.on('close', () => session.hearEnd());
  // Chess programs interrupt their whole group; they end engines by `quit`, or by closing the input.
  process.on('SIGINT', () => session.hear('quit'));
  await session.over;
  process.exit(0);
}
