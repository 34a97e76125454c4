/** Whether a value looks like a Game at all: fields, types and sizes, without playing. */
import type { Game } from '#engine';

const METHODS = ['start', 'actionName', 'parseAction'] as const;
const OPTIONAL_METHODS = ['parseSetup', 'render'] as const;

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1;
}

/** Every field that is missing or wrong, one sentence each; empty for a well-formed game. */
export function shapeFaults(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [`a game is an object; this is ${value === null ? 'null' : typeof value}`];
  const game = value as Record<string, unknown>;
  const faults: string[] = [];
  const need = (ok: boolean, text: string) => ok || faults.push(text);
  need(typeof game.id === 'string' && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(game.id), `id must be lower-case words with hyphens, like 'my-game'; it is ${show(game.id)}`);
  need(typeof game.name === 'string' && game.name !== '', `name must be a text for people; it is ${show(game.name)}`);
  need(isCount(game.version), `version must be a whole number from 1; it is ${show(game.version)}`);
  need(game.variantOf === undefined || typeof game.variantOf === 'string', `variantOf, where given, must be a game's id; it is ${show(game.variantOf)}`);
  need(game.seats === 1 || game.seats === 2, `seats must be 1 or 2; it is ${show(game.seats)}`);
  need(game.chance === 'none' || game.chance === 'explicit' || game.chance === 'sampled', `chance must be 'none', 'explicit' or 'sampled'; it is ${show(game.chance)}`);
  need(isCount(game.actionCount), `actionCount must be a whole number from 1; it is ${show(game.actionCount)}`);
  need(isCount(game.maxPlies), `maxPlies must be a whole number from 1; it is ${show(game.maxPlies)}`);
  need(Array.isArray(game.planes) && game.planes.length === 3 && game.planes.every(isCount), `planes must be [channels, height, width], whole numbers from 1; it is ${show(game.planes)}`);
  for (const method of METHODS) need(typeof game[method] === 'function', `${method} must be a function; it is ${show(game[method])}`);
  for (const method of OPTIONAL_METHODS) need(game[method] === undefined || typeof game[method] === 'function', `${method}, where given, must be a function; it is ${show(game[method])}`);
  need(game.symmetries === undefined || Array.isArray(game.symmetries), `symmetries, where given, must be an array; it is ${show(game.symmetries)}`);
  return faults;
}

export function isGame(value: unknown): value is Game {
  return shapeFaults(value).length === 0;
}

function show(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.join(', ')}]`;
  return typeof value === 'number' ? String(value) : `a value of type ${typeof value}`;
}
