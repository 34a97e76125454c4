/** The five MinAtar games as games: action tables, switches, notation. The spec pages are README.md and rules.md. */
import { unknown } from '#engine';
import type { Game } from '#engine';
import { ASTERIX_CHANNELS, AsterixState } from './asterix.js';
import { BREAKOUT_CHANNELS, BreakoutState } from './breakout.js';
import { FREEWAY_CHANNELS, FREEWAY_STEPS, FreewayState } from './freeway.js';
import { SEAQUEST_CHANNELS, SeaquestState } from './seaquest.js';
import { SPACE_INVADERS_CHANNELS, SpaceInvadersState } from './space-invaders.js';
import { CELLS, SIZE } from './state.js';
import type { MinAtarSettings, MinAtarState } from './state.js';

export const minatarIds = ['asterix', 'breakout', 'freeway', 'seaquest', 'space-invaders'] as const;
export type MinAtarId = (typeof minatarIds)[number];

const LETTERS = 'nlurdf';
const NAMES = ['nothing', 'left', 'up', 'right', 'down', 'fire'] as const;

interface Rules {
  readonly name: string;
  readonly channels: readonly string[];
  /** Letters of the actions that do something. */
  readonly minimal: string;
  /** The episode ends by itself within so many steps. */
  readonly longest: number;
  readonly create: (settings: MinAtarSettings) => MinAtarState;
}

const RULES: Record<MinAtarId, Rules> = {
  asterix: { name: 'Asterix', channels: ASTERIX_CHANNELS, minimal: 'nlurd', longest: Infinity, create: (settings) => new AsterixState(settings) },
  breakout: { name: 'Breakout', channels: BREAKOUT_CHANNELS, minimal: 'nlr', longest: Infinity, create: (settings) => new BreakoutState(settings) },
  freeway: { name: 'Freeway', channels: FREEWAY_CHANNELS, minimal: 'nud', longest: FREEWAY_STEPS, create: (settings) => new FreewayState(settings) },
  seaquest: { name: 'Seaquest', channels: SEAQUEST_CHANNELS, minimal: 'nlurdf', longest: Infinity, create: (settings) => new SeaquestState(settings) },
  'space-invaders': {
    name: 'Space Invaders', channels: SPACE_INVADERS_CHANNELS, minimal: 'nlrf', longest: Infinity, create: (settings) => new SpaceInvadersState(settings),
  },
};

export interface MinAtarOptions {
  /** Probability that an action sticks; 0.1 by default. */
  readonly sticky?: number;
  /** Whether the difficulty grows; true by default. */
  readonly ramping?: boolean;
  /** 'full': all six actions, as in the published results (default). 'minimal': those that do something. */
  readonly actions?: 'full' | 'minimal';
  /** Steps after which an episode is cut (truncated); 10,000 by default. The original has no such limit. */
  readonly maxSteps?: number;
}

export interface MinAtarGame extends Game<MinAtarState> {
  /** What each plane shows. */
  readonly channels: readonly string[];
  readonly settings: MinAtarSettings;
}

/** `Space_Invaders`, `space-invaders` and `spaceinvaders` are one name; throws UserError('usage') for others. */
export function minatarId(name: string): MinAtarId {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_ ]/g, '');
  const id = minatarIds.find((candidate) => plain(candidate) === plain(name));
  if (id === undefined) throw unknown('MinAtar game', name, minatarIds);
  return id;
}

/**
 * A MinAtar game. Its id is the plain one with the defaults; other settings are named in it, because data of one variant
 * is no data of another: `breakout-minimal`, `asterix-steady` (no ramping), `freeway-sticky0` (per cent).
 */
export function createMinAtar(id: MinAtarId, options: MinAtarOptions = {}): MinAtarGame {
  const { sticky = 0.1, ramping = true, actions: set = 'full', maxSteps = 10_000 } = options;
  const { name, channels, minimal, longest, create } = RULES[id];
  const letters = set === 'minimal' ? minimal : LETTERS;
  const size = channels.length * CELLS;
  const settings: MinAtarSettings = {
    actionCount: letters.length,
    limit: Math.min(maxSteps, longest),
    observationSize: size,
    sticky,
    ramping,
    actions: Int32Array.from(letters, (letter) => LETTERS.indexOf(letter)),
  };
  const variant = [letters === LETTERS ? '' : 'minimal', ramping ? '' : 'steady', sticky === 0.1 ? '' : `sticky${String(Number((100 * sticky).toPrecision(12))).replace('.', '-')}`];
  const planes = new Float32Array(size);
  return {
    id: [id, ...variant].filter((part) => part !== '').join('-'),
    name,
    version: 1,
    seats: 1,
    chance: 'sampled',
    actionCount: letters.length,
    maxPlies: settings.limit,
    planes: [channels.length, SIZE, SIZE],
    channels,
    settings,

    start(rng) {
      const state = create(settings);
      state.restart(rng);
      return state;
    },

    actionName: (_state, action) => NAMES[settings.actions[action]],

    /** A name, or its letter: n l u r d f. */
    parseAction(state, text) {
      const word = text.trim().toLowerCase();
      const action = NAMES.findIndex((candidate) => candidate === word || candidate[0] === word);
      const index = settings.actions.indexOf(action);
      return index < 0 || state.legal(new Int32Array(letters.length)) === 0 ? undefined : index;
    },

    /** Each cell is the number of its first active channel; the legend is `channels`. */
    render(state) {
      state.observe(planes);
      const lines = Array.from({ length: SIZE }, (_row, row) =>
        Array.from({ length: SIZE }, (_column, column) => {
          const channel = channels.findIndex((_name, c) => planes[c * CELLS + row * SIZE + column] === 1);
          return channel < 0 ? '.' : String(channel);
        }).join(' '),
      );
      return [...lines, channels.map((channel, c) => `${c} ${channel}`).join(', ')].join('\n');
    },
  };
}

/** With the defaults of the paper: sticky actions 0.1, ramping, all six actions. */
export const minatarGames: readonly MinAtarGame[] = minatarIds.map((id) => createMinAtar(id));
