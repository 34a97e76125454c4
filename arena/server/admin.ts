/** Who may do what is for whoever runs the server: those who know the admin token, or, where there is none, this machine. */
import { UserError } from '#engine';
import { isLoopback } from './http.js';
import { hashToken, sameHash } from './tokens.js';

export class Admin {
  private readonly hash: Buffer | undefined;

  /** `exposed`: others can reach the server, by its address or through a proxy. Throws UserError('usage') when it then has no token, or one that is too short. */
  constructor(exposed: boolean, token: string | undefined) {
    if (token === undefined && exposed) {
      throw new UserError('usage', `where others can reach it, the server needs an admin token: set LUDUS_ADMIN_TOKEN to at least 16 characters, or name a file that holds one (docs/server.md)`);
    }
    if (token !== undefined && !/^[\x21-\x7e]{16,256}$/.test(token)) throw new UserError('usage', 'an admin token has 16 to 256 characters, no spaces');
    this.hash = token === undefined ? undefined : hashToken(token);
  }

  get needsToken(): boolean {
    return this.hash !== undefined;
  }

  /** `peer`: the address at the other end of the connection itself. */
  allows(token: string | undefined, peer: string): boolean {
    if (this.hash === undefined) return isLoopback(peer.replace(/^::ffff:/, ''));
    return token !== undefined && sameHash(this.hash, hashToken(token));
  }
}
