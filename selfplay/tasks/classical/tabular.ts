/** The learners of action values as algorithms. */
import {
  DoubleQLearner, DynaLearner, NStepSarsa, OneStepLearner, SarsaLambda, TreeBackup, TrueOnlineSarsa, WatkinsQ,
  type Learner, type LearnerShape, type LearningSettings,
} from '#engine/tabular';
import type { Algorithm, Task } from '../types.js';
import { codingOf, defaultFeatures, featuresOf, modelOf, spaceOf, unseen } from './features.js';
import { dynaSchema, oneStepSchema, traceSchema, trueOnlineSchema, windowSchema, type DynaConfig, type OneStepConfig, type TraceConfig, type TrueOnlineConfig, type WindowConfig } from './settings.js';
import { kept } from './same-settings.js';
import { TabularLearner } from './tabular-learner.js';

interface Rule<Config extends OneStepConfig> {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly schema: Algorithm['schema'];
  /** What this method has besides the settings of all. */
  readonly extras: (task: Task) => Omit<Config, keyof OneStepConfig>;
  readonly make: (shape: LearnerShape, settings: LearningSettings, config: Config) => Learner;
  /** Why it cannot learn the task, where tables and tiles could. */
  readonly refuses?: (task: Task) => string | undefined;
  /** Its own defaults of the common settings. */
  readonly defaults?: (task: Task) => Partial<OneStepConfig>;
}

const TABLE = { stepSize: 0.1, discount: 0.99, anneal: true, epsilon: 0.1, finalEpsilon: 0.1 };
const TILES = { stepSize: 0.5, discount: 0.99, anneal: false, epsilon: 0.05, finalEpsilon: 0 };

function common(task: Task): OneStepConfig {
  const tiled = spaceOf(task)?.kind === 'box';
  // MountainCar as in Sutton and Barto 2018, section 10.1: where every step costs 1, first values of 0 are optimistic
  // enough to explore by. A task of one action is one of prediction.
  const greedy = task.actionCount === 1 || task.id === 'mountain-car' ? { discount: 1, epsilon: 0, finalEpsilon: 0 } : {};
  return { environments: 1, ...(tiled ? TILES : TABLE), ...greedy, initial: 0, ...defaultFeatures(task) };
}

/** What may change between sittings of a run. */
const FREE = ['stepSize', 'discount', 'anneal', 'epsilon', 'finalEpsilon', 'initial', 'planning', 'bonus'];

function tabular<Config extends OneStepConfig>({ name, title, summary, schema, extras, make, refuses, defaults }: Rule<Config>): Algorithm {
  const algorithm: Algorithm<Config> = {
    name, title, summary, schema,
    family: 'classical',
    refuses: (task) => unseen(task) ?? refuses?.(task),
    defaults: (task) => ({ ...common(task), ...defaults?.(task), ...extras(task) }) as Config,
    frames: (task) => (spaceOf(task)?.kind === 'box' ? 200_000 : 100_000),
    async create({ task, environments, config, seed, frames }) {
      const features = featuresOf(task, config);
      const { stepSize, discount, epsilon, initial } = config;
      const shape = { features: features.count, active: features.active, actions: task.actionCount, initial: initial / features.active };
      const coding = codingOf(task, config);
      const model = async (weights: Float32Array) => {
        const [{ exportModel }, { tableNetwork, tileNetwork }] = await Promise.all([import('#engine/nn'), import('./networks.js')]);
        return coding === undefined ? exportModel(tableNetwork(task), { table: weights }) : exportModel(tileNetwork(task, coding), { tiles: weights });
      };
      return new TabularLearner({
        environments, features, seed, frames, model,
        learner: make(shape, { stepSize, discount, epsilon }, config),
        kept: kept(config, FREE),
        anneal: config.anneal,
        finalEpsilon: config.finalEpsilon,
        ...(task.actionCount === 1 && coding === undefined ? { exact: modelOf(task) } : {}),
      });
    },
  };
  return algorithm as unknown as Algorithm;
}

const noExtras = (): Record<string, never> => ({});
const prediction = (task: Task) => (task.actionCount === 1 ? undefined : 'it predicts values where there is nothing to decide; where there is, take sarsa, nstep-sarsa or sarsa-lambda');
const tableOnly = (task: Task) => (spaceOf(task)?.kind === 'one-hot' ? undefined : 'its model is a table of positions, which this task has too many of; take true-online-sarsa');

function oneStep(name: string, title: string, summary: string, make: Rule<OneStepConfig>['make'], more: Partial<Rule<OneStepConfig>> = {}): Algorithm {
  return tabular<OneStepConfig>({ name, title, summary, schema: oneStepSchema, extras: noExtras, make, ...more });
}

function window(name: string, title: string, summary: string, make: Rule<WindowConfig>['make'], more: Partial<Rule<WindowConfig>> = {}): Algorithm {
  return tabular<WindowConfig>({ name, title, summary, schema: windowSchema, extras: () => ({ n: 4 }), make, ...more });
}

function trace(name: string, title: string, summary: string, make: Rule<TraceConfig>['make'], more: Partial<Rule<TraceConfig>> = {}): Algorithm {
  return tabular<TraceConfig>({ name, title, summary, schema: traceSchema, extras: () => ({ lambda: 0.9, traces: 'replacing' }), make, ...more });
}

function trueOnline(name: string, title: string, summary: string, more: Partial<Rule<TrueOnlineConfig>> = {}): Algorithm {
  return tabular<TrueOnlineConfig>({
    name, title, summary, schema: trueOnlineSchema, extras: () => ({ lambda: 0.9 }),
    make: (shape, settings, { lambda }) => new TrueOnlineSarsa(lambda, shape, settings), ...more,
  });
}

function dyna(name: string, title: string, summary: string, bonus: number): Algorithm {
  return tabular<DynaConfig>({
    name, title, summary, schema: dynaSchema, refuses: tableOnly, extras: () => ({ planning: 50, bonus }),
    make: (shape, settings, config) => new DynaLearner(shape, { ...settings, planning: config.planning, bonus: config.bonus }),
  });
}

export const tabularAlgorithms: readonly Algorithm[] = [
  oneStep('qlearning', 'Q-learning', 'learns the values of greedy play while exploring; the plain choice for a table', (shape, settings) => new OneStepLearner('max', shape, settings)),
  oneStep('sarsa', 'SARSA', 'learns the values of what it does, exploration included; safer while it learns', (shape, settings) => new OneStepLearner('sarsa', shape, settings)),
  oneStep('expected-sarsa', 'Expected SARSA', 'SARSA with the mean over its actions: less noise, larger steps', (shape, settings) => new OneStepLearner('expected', shape, settings)),
  oneStep('double-q', 'Double Q-learning', 'two tables check each other, against maxima inflated by chance', (shape, settings) => new DoubleQLearner(shape, settings)),
  window('nstep-sarsa', 'n-step SARSA', 'windows of n steps: news of a reward travels n positions at a time', (shape, settings, { n }) => new NStepSarsa(n, shape, settings)),
  window('tree-backup', 'Tree Backup', 'windows of n steps for greedy play, without importance sampling', (shape, settings, { n }) => new TreeBackup(n, shape, settings)),
  trace('sarsa-lambda', 'SARSA(λ)', 'traces of all lengths at once; with tile coding for tasks of a few numbers', (shape, settings, { lambda, traces }) => new SarsaLambda(traces, lambda, shape, settings)),
  trueOnline('true-online-sarsa', 'True online SARSA(λ)', 'SARSA(λ) exactly as its definition has it; the best of these with tile coding'),
  trace('watkins-q', "Watkins's Q(λ)", 'Q-learning with traces, cut where it explores', (shape, settings, { lambda, traces }) => new WatkinsQ(traces, lambda, shape, settings)),
  dyna('dyna-q', 'Dyna-Q', 'Q-learning that also learns from remembered steps: few real ones are enough', 0),
  dyna('dyna-q-plus', 'Dyna-Q+', 'Dyna-Q that is curious about what it has not tried for long; for worlds that change', 1e-3),
  oneStep('td', 'TD(0)', 'prediction step by step, where there is nothing to decide', (shape, settings) => new OneStepLearner('sarsa', shape, settings), { refuses: prediction }),
  window('nstep-td', 'n-step TD', 'prediction by windows of n steps', (shape, settings, { n }) => new NStepSarsa(n, shape, settings), { refuses: prediction }),
  trace('td-lambda', 'TD(λ)', 'prediction with traces', (shape, settings, { lambda, traces }) => new SarsaLambda(traces, lambda, shape, settings), { refuses: prediction }),
  trueOnline('true-online-td', 'True online TD(λ)', 'prediction by exact traces', { refuses: prediction }),
];
