/** The admin token of a server that others can reach: from the environment, from a file, or made and kept in the run's folder. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '#engine';

export interface AdminToken {
  readonly token: string;
  /** It was made just now, and is in this file: to be told once. */
  readonly madeIn?: string;
}

/** undefined where none is needed and none was given. */
export function adminToken(needed: boolean, runDir: string, file: string | undefined): AdminToken | undefined {
  if (file !== undefined) {
    if (!existsSync(file)) throw new UserError('usage', `there is no file ${file} with an admin token`);
    return { token: readFileSync(file, 'utf8').trim() };
  }
  const given = process.env.LUDUS_ADMIN_TOKEN;
  if (given !== undefined && given !== '') return { token: given };
  if (!needed) return undefined;
  const kept = join(runDir, 'admin-token');
  if (existsSync(kept)) return { token: readFileSync(kept, 'utf8').trim() };
  const token = randomBytes(24).toString('base64url');
  writeFileSync(kept, `${token}\n`, { mode: 0o600, flag: 'wx' });
  return { token, madeIn: kept };
}
