/** The little numerical analysis that the ratings need. Matrices are row-major Float64Array [n, n]. */

/** Two-sided 95 % quantile of the standard normal distribution. */
export const Z95 = 1.959963984540054;

/** Standard normal distribution function, by Marsaglia's series (2004); absolute error below 1e-14. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x < -8) return 0;
  if (x > 8) return 1;
  let sum = x;
  let term = x;
  let before = 0;
  for (let i = 3; sum !== before; i += 2) {
    before = sum;
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + sum * Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

/**
 * The root of a decreasing function between low and high (either may be a pole of it), by bisection down to the last
 * bits: a few dozen cheap evaluations, and no way to diverge.
 */
export function decreasingRoot(f: (x: number) => number, low: number, high: number): number {
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (f(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Inverse of a square matrix by Gauss and Jordan with row pivots; undefined when it is singular. */
export function invert(matrix: Float64Array, n: number): Float64Array | undefined {
  const a = Float64Array.from(matrix);
  const b = new Float64Array(n * n);
  let scale = 0;
  for (const x of a) scale = Math.max(scale, Math.abs(x));
  for (let i = 0; i < n; i++) b[i * n + i] = 1;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++) {
      if (Math.abs(a[row * n + column]) > Math.abs(a[pivot * n + column])) pivot = row;
    }
    const p = a[pivot * n + column];
    if (!(Math.abs(p) > scale * 1e-14)) return undefined;
    for (let j = 0; j < n; j++) {
      const x = a[pivot * n + j];
      const y = b[pivot * n + j];
      a[pivot * n + j] = a[column * n + j];
      b[pivot * n + j] = b[column * n + j];
      a[column * n + j] = x / p;
      b[column * n + j] = y / p;
    }
    for (let row = 0; row < n; row++) {
      const factor = a[row * n + column];
      if (row === column || factor === 0) continue;
      for (let j = 0; j < n; j++) {
        a[row * n + j] -= factor * a[column * n + j];
        b[row * n + j] -= factor * b[column * n + j];
      }
    }
  }
  return b;
}
