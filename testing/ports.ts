/** Ports for servers that tests stop and start again. */
import { createServer } from 'node:net';

/** Below the ports that systems give away by themselves (from 32768 or 49152 on), above the well-known ones. */
const [LOWEST, HIGHEST] = [20_000, 32_000];

/**
 * A port of 127.0.0.1 at which nothing listens. Nobody is given it by asking for any port, nor as the near end of a connection
 * of his own, so that it is still free when a server that has ended comes back to it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
