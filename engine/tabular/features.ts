/**
 * Binary features of an observation, a fixed number of which are on at once. A table is the case of one feature a
 * position; tile coding has one a tiling. Every method here is written for this form, so that it serves both, and the
 * linear semi-gradient update of a table row is the tabular one.
 */
export interface Features {
  /** Features in all; they are numbered 0 <= feature < count. */
  readonly count: number;
  /** Features that are on in any one observation. */
  readonly active: number;
  /** Writes the features that are on to out [active], from an observation as `State.observe` writes it. */
  write(observation: Float32Array, out: Int32Array): void;
}

/** One feature a position, for observations in which one cell of `positions` is 1 and all others are 0. */
export function oneHotFeatures(positions: number): Features {
  return {
    count: positions,
    active: 1,
    write(observation, out) {
      let at = 0;
      while (at < positions - 1 && observation[at] !== 1) at++;
      out[0] = at;
    },
  };
}
