/** Who can be played without a server: the networks of the manifest, and agents that need none. */
import type { Game } from '#engine';
import { Refusal } from '#arena/browser';
import { solverFor } from '#games';
import type { AgentView, OfflineManifest, SeatView, Strength } from '#arena/protocol';
import type { AgentPlace } from '../thinker/messages.js';

/** One thread of a browser: less than a server may spend. */
export const offlineLimits = { simulations: 10_000, millis: 10_000 } as const;

const fixed = { group: 'anchor', checkpoint: null, model: false } as const;

function builtIn(game: Game): AgentView[] {
  return [
    {
      id: 'uct', game: game.id, kind: 'uct', ...fixed, simulations: { min: 1, max: offlineLimits.simulations, default: 1000 }, name: 'Tree search',
      description: 'Plays random games ahead before each move, as many as you choose. Knows nothing of the game but its rules.',
    },
    { id: 'random', game: game.id, kind: 'random', ...fixed, simulations: null, name: 'Random', description: 'Plays any legal move with equal odds. Everybody should beat it.' },
    ...(solverFor(game) === undefined ? [] : [{
      id: 'solver', game: game.id, kind: 'solver', ...fixed, simulations: null, name: 'Perfect play',
      description: 'Knows the exact result of every position it can solve; in the very opening of Connect Four it searches instead.',
    } as const]),
  ];
}

export interface OfflineCatalogue {
  readonly views: readonly AgentView[];
  /** undefined for an agent that is not there. */
  find(game: string, id: string): AgentView | undefined;
  /** As the server's catalogue: by id, with the agent string for a strength. Throws Refusal('unknown-agent'). */
  get(game: string, id: string): { readonly view: AgentView; spec(strength: Strength | undefined): string };
  /** Where the agent of a string is to think. */
  place(game: string, spec: string): AgentPlace;
  /** Address of its network; undefined where it has none. */
  modelUrl(view: AgentView): string | undefined;
  answers(view: AgentView): 'policy' | 'q';
}

/** `base`: the page's address. */
export function offlineCatalogue(manifest: OfflineManifest, games: readonly Game[], base: string): OfflineCatalogue {
  const views = [...games.filter((game) => game.seats === 2).flatMap(builtIn), ...manifest.agents.map((agent) => agent.view)];
  const entryOf = (view: AgentView) => manifest.agents.find((agent) => agent.view.id === view.id && agent.view.game === view.game);
  const modelUrl = (view: AgentView) => {
    const entry = entryOf(view);
    return entry?.model === undefined ? undefined : new URL(entry.model, base).href;
  };
  return {
    views,
    find: (game, id) => views.find((view) => view.game === game && view.id === id),
    modelUrl,
    answers: (view) => entryOf(view)?.answers ?? 'policy',
    get(game, id) {
      // What the server falls back on goes by another name there.
      const view = views.find((entry) => entry.game === game && entry.id === (id === 'uct-1000' ? 'uct' : id));
      if (view === undefined) throw new Refusal('unknown-agent', `there is no agent '${id}' for this game`);
      return { view, spec: (strength) => strengthened(entryOf(view)?.spec ?? view.id, view, strength) };
    },
    place(game, spec) {
      const entry = manifest.agents.find((agent) => agent.view.game === game && (spec === agent.spec || spec.startsWith(`${agent.spec},`)));
      return { game, spec, model: entry && modelUrl(entry.view) };
    },
  };
}

/** What of a wish for strength is granted. */
export function allowed(view: AgentView, strength: Strength | undefined): Extract<SeatView, { kind: 'agent' }>['strength'] {
  if (view.simulations === null) return null;
  if (strength === undefined) return { simulations: view.simulations.default };
  return 'simulations' in strength ? { simulations: Math.min(strength.simulations, view.simulations.max) } : { millis: Math.min(strength.millis, offlineLimits.millis) };
}

function strengthened(spec: string, view: AgentView, strength: Strength | undefined): string {
  const granted = allowed(view, strength);
  if (granted === null) return spec;
  const option = 'simulations' in granted ? `sims=${granted.simulations}` : `time=${granted.millis}`;
  return `${spec}${spec.includes(':') ? ',' : ':'}${option}`;
}
