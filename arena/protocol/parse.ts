/** Messages are parsed once, at the border, into a closed union; bad input is a returned text. */
import * as z from 'zod';
import { clientMessage, type ClientMessage } from './client.js';
import { serverMessage, type ServerMessage } from './server.js';

// zod would otherwise probe for `new Function`, which a strict content policy reports as a violation.
z.config({ jitless: true });

/** "move.ply: expected number, received string": the first thing wrong, without echoing what was sent. */
function complaint(error: z.ZodError, type: unknown): string {
  const issue = error.issues[0];
  const where = [typeof type === 'string' && /^[a-z-]{1,32}$/.test(type) ? type : 'message', ...issue.path.map((part) => String(part).slice(0, 32))].join('.');
  if (issue.code === 'unrecognized_keys') return `${where}: has an entry that is not part of it`;
  return `${where}: ${issue.message}`;
}

function typeOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
}

/** The message, or one line on what is wrong with it. */
export function parseClientMessage(value: unknown): ClientMessage | string {
  const parsed = clientMessage.safeParse(value);
  return parsed.success ? parsed.data : complaint(parsed.error, typeOf(value));
}

/** The message, or one line on what is wrong with it. */
export function parseServerMessage(value: unknown): ServerMessage | string {
  const parsed = serverMessage.safeParse(value);
  return parsed.success ? parsed.data : complaint(parsed.error, typeOf(value));
}
