/** The algorithms of this family, in the order in which they are listed. */
import type { Algorithm } from '../types.js';
import { evolutionAlgorithms } from './evolution.js';
import { plannerAlgorithms } from './planners.js';
import { tabularAlgorithms } from './tabular.js';

export const classicalAlgorithms: readonly Algorithm[] = [...tabularAlgorithms, ...plannerAlgorithms, ...evolutionAlgorithms];
