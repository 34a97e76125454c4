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
    { title: 'Graded, weakest first', agents: of('graded') },
    { title: 'Trained, ships with Ludus', agents: of('shipped') },
    { title: 'Fixed opponents', agents: of('anchor') },
  ].filter((group) => group.agents.length > 0);
}

/** A ready-made choice for a person who does not know the catalogue. */
export interface Preset {
  /** 'beginner', 'solid', 'learner', 'perfect', or the id of a graded agent. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly agent: AgentView;
  readonly strength?: Strength;
}

/** A measured rating with its error, as in "Beginner · 310 ± 40"; undefined where none was measured. */
export const ratingText = ({ rating }: AgentView): string | undefined => (rating === undefined ? undefined : `${Math.round(rating.elo)} ± ${Math.round(rating.error)}`);

function limited(agent: AgentView, simulations: number): Strength | undefined {
  if (agent.simulations === null) return undefined;
  return { simulations: Math.min(agent.simulations.max, Math.max(agent.simulations.min, simulations)) };
}

/** Presets that the catalogue can fill, easiest first: the game's graded agents where it has some. */
export function presetsOf(agents: readonly AgentView[], game: string): Preset[] {
  const own = agents.filter((a) => a.game === game);
  const levels = own.filter((a) => a.group === 'graded').map((agent): Preset => ({ id: agent.id, title: agent.name, description: agent.description, agent }));
  const networks = own.filter((a) => a.kind === 'network');
  const learner = newestFirst(networks.filter((a) => a.group === 'run'))[0];
  // Where levels are graded, the strongest of them is the shipped network.
  const shipped = levels.length > 0 ? undefined : networks.find((a) => a.group === 'shipped');
  const solver = own.find((a) => a.kind === 'solver' && a.group === 'anchor');
  const presets = levels.length > 0 ? levels : plainPresets(own);
  if (learner !== undefined) presets.push({ id: 'learner', title: 'The learner', description: 'The agent that is teaching itself on this machine, as good as it is by now.', agent: learner });
  else if (shipped !== undefined) presets.push({ id: 'learner', title: 'Trained', description: 'A network with tree search, trained before it came here.', agent: shipped });
  if (solver !== undefined) presets.push({ id: 'perfect', title: 'Perfect', description: 'Knows the exact result of every position it can solve, which is nearly every one after the opening.', agent: solver });
  return presets;
}

/** Of a game without graded agents: what needs no network. */
function plainPresets(own: readonly AgentView[]): Preset[] {
  const searches = own.filter((a) => a.kind === 'uct');
  const search = searches.find((a) => a.simulations !== null);
  const random = own.find((a) => a.kind === 'random');
  const ahead = { beginner: 'Looks only a little way ahead. A good first game.', solid: 'Tries out many games in its head before each move.' };
  if (search !== undefined) {
    return [
      { id: 'beginner', title: 'Beginner', description: ahead.beginner, agent: search, strength: limited(search, 25) },
      { id: 'solid', title: 'Solid', description: ahead.solid, agent: search, strength: limited(search, 1000) },
    ];
  }
  // Of fixed strength: the catalogue lists them weakest first.
  if (searches.length > 0) {
    return [
      { id: 'beginner', title: 'Beginner', description: ahead.beginner, agent: searches[0] },
      ...(searches.length > 1 ? [{ id: 'solid', title: 'Solid', description: ahead.solid, agent: searches[1] }] : []),
    ];
  }
  return random === undefined ? [] : [{ id: 'beginner', title: 'Beginner', description: 'Plays any legal move.', agent: random }];
}

/** The preset that a single click on "Play" takes: the middle one of the graded, so that a first game is neither lost nor won at once. */
export function defaultPreset(presets: readonly Preset[]): Preset | undefined {
  const levels = presets.filter((p) => p.agent.group === 'graded');
  if (levels.length > 0) return levels[(levels.length - 1) >> 1];
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
