/** Remote agents as players of a tournament. */
import { type Game } from '#engine';
import { parseExternalAgent } from '../agents/external.js';
import { type PlayerStarter, startPlayer } from '../agents/start.js';
import { type HubOptions, RemoteHub } from './hub.js';

/** Names that join from outside, of agents' strings. */
export function remoteNames(agents: readonly string[]): string[] {
  return agents.flatMap((agent) => {
    const external = parseExternalAgent(agent);
    return external?.kind === 'remote' ? [external.name] : [];
  });
}

/** Opens a hub for these names; `start` waits for an agent until it has joined. */
export async function openHub(game: Game, names: readonly string[], options: Omit<HubOptions, 'game' | 'names'> = {}): Promise<{ hub: RemoteHub; start: PlayerStarter }> {
  const hub = await RemoteHub.listen({ ...options, game, names });
  const start: PlayerStarter = (spec, more) => (spec.kind === 'remote' ? hub.player(spec.name, more.signal) : startPlayer(spec, more));
  return { hub, start };
}
