/** From an agent's spec to a player that is ready, wherever it lives. */
import { UserError } from '#engine';
import { loadGame } from '#games';
import { type ExternalSpec, parseExternalAgent } from './external.js';
import { AgentHost, type HostOptions } from './hosted.js';
import { RandomPlayer } from './local.js';
import type { Player } from './player.js';
import { type AgentSpec, parseAgentSpec } from './spec.js';

/** Any agent's string, from the command line or a local file. Throws UserError('usage'). */
export function parseAnyAgent(text: string): AgentSpec | ExternalSpec {
  return parseExternalAgent(text) ?? parseAgentSpec(text, { trusted: true });
}

export interface StartOptions {
  /** Id of a game, or the path of its module. */
  readonly game: string;
  readonly device?: HostOptions['device'];
  readonly signal?: AbortSignal;
}

/** Throws UserError when the agent cannot start. */
export type PlayerStarter = (spec: AgentSpec | ExternalSpec, options: StartOptions) => Promise<Player>;

export const startPlayer: PlayerStarter = async (spec, options) => {
  switch (spec.kind) {
    case 'uci': {
      const { UciPlayer } = await import('./uci/player.js');
      return UciPlayer.start(spec, await loadGame(options.game));
    }
    case 'random':
      return new RandomPlayer(await loadGame(options.game));
    case 'remote':
      throw new UserError('usage', `agent 'remote:${spec.name}' joins from outside: it takes part in tournaments (ludus tournament --listen PORT)`);
    default:
      return AgentHost.start({ game: options.game, agent: spec, device: options.device });
  }
};
