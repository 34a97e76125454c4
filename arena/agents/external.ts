/**
 * Agents that live in another process, named by strings of their own beside those of spec.ts. They come from the command
 * line or a local file only: text from a socket never gets here.
 *
 *   remote:NAME     a program that joins over WebSocket under this name
 */
import { UserError } from '#engine';

export type ExternalSpec = { readonly kind: 'remote'; readonly name: string };

/** undefined when the text names no external agent. Throws UserError('usage') when it does, wrongly. */
export function parseExternalAgent(text: string): ExternalSpec | undefined {
  const trimmed = text.trim();
  if (!trimmed.startsWith('remote:')) return undefined;
  const name = trimmed.slice('remote:'.length);
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(name)) throw new UserError('usage', `'${trimmed.slice(0, 60)}': a remote agent is remote:NAME, with up to 64 letters, digits, '.', '_' or '-'`);
  return { kind: 'remote', name };
}

export function printExternalAgent(spec: ExternalSpec): string {
  return `remote:${spec.name}`;
}
