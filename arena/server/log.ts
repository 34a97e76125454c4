/** The server's log: JSON lines, without secrets. */
import { existsSync, renameSync, statSync } from 'node:fs';
import { pino, type DestinationStream, type Logger } from 'pino';

/** A log beyond this is put aside at the next start, as FILE.1. */
const MAX_BYTES = 16 << 20;

/** Words under which a secret could come along in what is logged. */
const SECRET = ['seatToken', 'seatTokens', 'adminToken', 'token', 'tokens', 'authorization', 'cookie'];
const redact = { paths: SECRET.flatMap((word) => [word, `*.${word}`, `*.*.${word}`]), censor: '[secret]' };

/** To a stream of one's own, or to a file. Levels as in pino; 'info' unless told. */
export function createLog(to: string | DestinationStream, level = 'info'): Logger {
  if (typeof to !== 'string') return pino({ level, redact, base: undefined }, to);
  if (existsSync(to) && statSync(to).size > MAX_BYTES) renameSync(to, `${to}.1`);
  return pino({ level, redact, base: undefined }, pino.destination({ dest: to, mkdir: true, sync: false }));
}
