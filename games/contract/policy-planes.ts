/** The clause on policy planes: where a convolution finds each action. */
import type { Clause } from './clauses.js';
import { demand } from './walk.js';

export const policyPlanesClause: Clause = {
  id: 'policyPlanes',
  requires: 'policyPlanes gives each action a place of its own in its planes',
  check({ game }) {
    const { policyPlanes, actionCount, planes: [, height, width] } = game;
    if (policyPlanes === undefined) return 'the game has none: its policy comes from a matrix';
    const { count, gather } = policyPlanes;
    demand(Number.isInteger(count) && count > 0, () => `policyPlanes.count is ${count}, not a number of planes`);
    demand(gather?.length === actionCount, () => `policyPlanes.gather has ${gather?.length} entries for ${actionCount} actions`);
    const places = count * height * width;
    for (const [action, place] of gather.entries()) {
      demand(Number.isInteger(place) && place >= 0 && place < places, () => `policyPlanes.gather[${action}] is ${place}; ${count} planes of ${height} x ${width} have places 0..${places - 1}`);
      demand(gather.indexOf(place) === action, () => `policyPlanes.gather gives actions ${gather.indexOf(place)} and ${action} the same place ${place}`);
    }
    return undefined;
  },
};
