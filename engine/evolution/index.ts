/** Search without gradients: small policies, and distributions over their weights. */
export { SmallPolicy, layerWidths, policyParameters, type PolicyShape } from './mlp.js';
export {
  CrossEntropy, NaturalEvolution, ranking, utilities, type CrossEntropySettings, type EvolutionSearch, type NaturalEvolutionSettings,
} from './search.js';
