/** The algorithms of this family, in the order in which they are listed. */
import type { Algorithm } from '../types.js';

export const classicalAlgorithms: readonly Algorithm[] = [];
