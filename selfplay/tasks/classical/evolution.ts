/** The evolution strategies as algorithms. */
import { CrossEntropy, NaturalEvolution, policyParameters, type EvolutionSearch, type PolicyShape } from '#engine/evolution';
import type { Algorithm, LearnerConfig, Task } from '../types.js';
import { EvolutionLearner } from './evolution-learner.js';
import { observationSize } from './features.js';
import { kept } from './same-settings.js';
import { crossEntropySchema, naturalEvolutionSchema, type CrossEntropyConfig, type NaturalEvolutionConfig } from './settings.js';

/** Weights that a search by scores can be expected to find. */
const MOST_INPUTS = 1024;

interface EvolutionConfig extends LearnerConfig {
  readonly hidden: readonly number[];
  readonly population: number;
  readonly episodes: number;
}

interface Rule<Config extends EvolutionConfig> {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly schema: Algorithm['schema'];
  readonly defaults: (task: Task) => Config;
  readonly make: (size: number, config: Config) => EvolutionSearch;
}

function evolution<Config extends EvolutionConfig>({ name, title, summary, schema, defaults, make }: Rule<Config>): Algorithm {
  const algorithm: Algorithm<Config> = {
    name, title, summary, schema, defaults,
    family: 'classical',
    refuses: (task) => (observationSize(task) > MOST_INPUTS ? `its observations are ${observationSize(task)} numbers, and every one of them would be weights to guess; take dqn or ppo` : undefined),
    frames: () => 500_000,
    async create({ task, environments, config, seed, frames }) {
      const shape: PolicyShape = { inputs: observationSize(task), hidden: config.hidden, actions: task.actionCount };
      const model = async (parameters: Float64Array) => {
        const [{ exportModel }, { policyNetwork }] = await Promise.all([import('#engine/nn'), import('./networks.js')]);
        const network = policyNetwork(task, shape);
        let at = 0;
        const weights = Object.fromEntries(network.parameters.map((parameter) => {
          const size = parameter.shape.reduce((product, count) => product * count, 1);
          at += size;
          return [parameter.name, Float32Array.from(parameters.subarray(at - size, at))];
        }));
        return exportModel(network, weights);
      };
      return new EvolutionLearner({ environments, search: make(policyParameters(shape), config), shape, episodes: config.episodes, seed, frames, kept: kept(config, []), model });
    },
  };
  return algorithm as unknown as Algorithm;
}

/** Wide inputs get a linear policy: every hidden unit would cost as many weights as there are inputs. */
const common = (task: Task) => ({ environments: 25, hidden: observationSize(task) > 32 ? [] : [16], population: 50, episodes: 1 });

export const evolutionAlgorithms: readonly Algorithm[] = [
  evolution<CrossEntropyConfig>({
    name: 'cem', title: 'Cross-entropy method', summary: 'keeps the best of many random small policies, and tries more like them; no gradient',
    schema: crossEntropySchema,
    defaults: (task) => ({ ...common(task), elite: 0.2, variance: 100, noise: 4, noiseDecay: 0.95 }),
    make: (size, config) => new CrossEntropy(size, config),
  }),
  evolution<NaturalEvolutionConfig>({
    name: 'nes', title: 'Natural evolution strategies', summary: 'follows the natural gradient of the score of a cloud of small policies',
    schema: naturalEvolutionSchema,
    defaults: (task) => ({ ...common(task), deviation: 1, meanRate: 1 }),
    make: (size, config) => new NaturalEvolution(size, config),
  }),
];
