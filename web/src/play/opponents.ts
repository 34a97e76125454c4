/** The catalogue, arranged for someone who wants to play. */
import type { AgentView, SeatRequest, Strength } from '#arena/protocol';

export interface Group { readonly title: string; readonly agents: readonly AgentView[] }

/** Newest first: names of checkpoints are padded with zeros, so they sort by step. */
function newestFirst(agents: readonly AgentView[]): AgentView[] {
  return [...agents].sort((a, b) => (b.checkpoint ?? '').localeCompare(a.checkpoint ?? ''));
}

/** Agents of a game in groups, the run's newest checkpoint first. */
export function groupsOf(agents: readonly AgentView[], game: string): Group[] {
  const of = (group: AgentView['group']) => agents.filter((a) => a.game === game && a.group === group);
  return [
    { title: 'Learning here, by training', agents: newestFirst(of('run')) },
    { title: 'Trained, ships with Ludus', agents: of('shipped') },
    { title: 'Fixed opponents', agents: of('anchor') },
  ].filter((group) => group.agents.length > 0);
}

/** A ready-made choice for a person who does not know the catalogue. */
export interface Preset {
  readonly id: 'beginner' | 'solid' | 'learner' | 'perfect';
  readonly title: string;
  readonly description: string;
  readonly agent: AgentView;
  readonly strength?: Strength;
}

function limited(agent: AgentView, simulations: number): Strength | undefined {
  if (agent.simulations === null) return undefined;
  return { simulations: Math.min(agent.simulations.max, Math.max(agent.simulations.min, simulations)) };
}

/** Presets that the catalogue can fill, easiest first. */
export function presetsOf(agents: readonly AgentView[], game: string): Preset[] {
  const own = agents.filter((a) => a.game === game);
  const search = own.find((a) => a.kind === 'uct' && a.simulations !== null);
  const searches = own.filter((a) => a.kind === 'uct');
  const random = own.find((a) => a.kind === 'random');
  const networks = own.filter((a) => a.kind === 'network');
  const learner = newestFirst(networks.filter((a) => a.group === 'run'))[0] ?? networks.find((a) => a.group === 'shipped');
  const solver = own.find((a) => a.kind === 'solver');
  const presets: Preset[] = [];
  const ahead = { beginner: 'Looks only a little way ahead. A good first game.', solid: 'Tries out many games in its head before each move.' };
  if (search !== undefined) {
    presets.push({ id: 'beginner', title: 'Beginner', description: ahead.beginner, agent: search, strength: limited(search, 25) });
    presets.push({ id: 'solid', title: 'Solid', description: ahead.solid, agent: search, strength: limited(search, 1000) });
  } else if (searches.length > 0) {
    // Of fixed strength: the catalogue lists them weakest first.
    presets.push({ id: 'beginner', title: 'Beginner', description: ahead.beginner, agent: searches[0] });
    if (searches.length > 1) presets.push({ id: 'solid', title: 'Solid', description: ahead.solid, agent: searches[1] });
  } else if (random !== undefined) {
    presets.push({ id: 'beginner', title: 'Beginner', description: 'Plays any legal move.', agent: random });
  }
  if (learner !== undefined) {
    const words = learner.group === 'run' ? 'The agent that is teaching itself on this machine, as good as it is by now.' : 'Taught itself by playing against itself.';
    presets.push({ id: 'learner', title: learner.group === 'run' ? 'The learner' : 'Self-taught', description: words, agent: learner });
  }
  if (solver !== undefined) presets.push({ id: 'perfect', title: 'Perfect', description: 'Knows the exact result of every position it can solve, which is nearly every one after the opening.', agent: solver });
  return presets;
}

/** The preset that a single click on "Play" takes. */
export function defaultPreset(presets: readonly Preset[]): Preset | undefined {
  return presets.find((p) => p.id === 'learner') ?? presets.find((p) => p.id === 'beginner') ?? presets[0];
}

export type Opponent = { readonly kind: 'agent'; readonly agent: string; readonly strength?: Strength } | { readonly kind: 'here' } | { readonly kind: 'link' };
export const beginners = ['me', 'them', 'chance'] as const;
export type Begins = (typeof beginners)[number];

/** Seat 0 begins. `coin` decides for 'chance'. */
export function seatsFor(opponent: Opponent, begins: Begins, coin: boolean): SeatRequest[] {
  const me: SeatRequest = { kind: 'human', name: opponent.kind === 'here' ? 'First player' : 'A person' };
  const them: SeatRequest =
    opponent.kind === 'agent' ? { kind: 'agent', agent: opponent.agent, strength: opponent.strength }
    : opponent.kind === 'here' ? { kind: 'human', name: 'Second player' }
    : { kind: 'human', open: true, name: 'Guest' };
  const meFirst = opponent.kind === 'here' || begins === 'me' || (begins === 'chance' && coin);
  return meFirst ? [me, them] : [them, me];
}

/** Positions of a logarithmic slider: 0..steps for simulations min..max, rounded to two digits. */
export function sliderToSimulations(position: number, steps: number, min: number, max: number): number {
  if (position <= 0) return min;
  if (position >= steps) return max;
  const raw = min * (max / min) ** (position / steps);
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(raw)) - 1);
  return Math.min(max, Math.max(min, Math.round(raw / unit) * unit));
}

export function simulationsToSlider(simulations: number, steps: number, min: number, max: number): number {
  if (max <= min) return 0;
  return Math.round((steps * Math.log(Math.max(min, Math.min(max, simulations)) / min)) / Math.log(max / min));
}
