/**
 * Fast convolution by evaluation at points (Toom and Cook; Winograd 1980; Lavin and Gray 2016, "Fast Algorithms for
 * Convolutional Neural Networks", section 4), for a whole axis of a board at once.
 *
 * Along an axis with `inputs` cells, a filter of `taps` and zero padding, the outputs are
 *     y = A [(G w) * (B x)]
 * with constant matrices A [outputs, products], G [products, taps], B [products, inputs] and * element by element. The
 * outputs are cut into equal tiles of up to six; a tile of k takes k + taps - 1 products instead of k * taps. Both axes
 * together need 96 products on a 6 x 7 board with 3 x 3 filters, where the plain method needs 378.
 *
 * Lavin and Gray cut the image into square tiles; here each axis has its own length of tile, to waste few products on cells
 * outside the board, and matrices for the whole axis make gathering tiles part of the multiplication. Products are numbered
 * with the point of evaluation first and the tile second. Tiles share their points' filters, so G has one row per point.
 */

export interface AxisTransform {
  /** products = points * tiles. */
  readonly points: number;
  readonly tiles: number;
  /** [products, inputs], row-major, as are the others. */
  readonly input: Float32Array;
  /** [points, taps]. */
  readonly filter: Float32Array;
  /** [outputs, products]. */
  readonly output: Float32Array;
}

/** Longer tiles would save more and lose digits: with these points, results are good to some 5e-6 of the largest. */
const LONGEST_TILE = 6;
/** The points of evaluation, best conditioned first; a tile of six under a filter of three takes all of them and infinity. */
const POINTS = [0, 1, -1, 2, -2, 0.5, -0.5];

/** Inverse of a small square matrix by Gauss and Jordan, pivoting on the largest. */
function inverse(matrix: readonly (readonly number[])[]): number[][] {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...Array.from({ length: n }, (_, j) => Number(i === j))]);
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let i = column; i < n; i++) if (Math.abs(rows[i][column]) > Math.abs(rows[pivot][column])) pivot = i;
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    const scale = rows[column][column];
    rows[column] = rows[column].map((value) => value / scale);
    for (let i = 0; i < n; i++) {
      if (i === column) continue;
      const factor = rows[i][column];
      if (factor !== 0) rows[i] = rows[i].map((value, j) => value - factor * rows[column][j]);
    }
  }
  return rows.map((row) => row.slice(n));
}

/** Powers of the evaluation points; the last row is the point at infinity. */
function evaluation(products: number, width: number): number[][] {
  return Array.from({ length: products }, (_, i) =>
    Array.from({ length: width }, (__, j) => (i === products - 1 ? Number(j === width - 1) : POINTS[i] ** j)));
}

/** `before` cells of zero padding lie before the first input; what the outputs reach beyond the last input is zero too. */
export function axisTransform(inputs: number, outputs: number, taps: number, before: number): AxisTransform {
  const tiles = Math.ceil(outputs / LONGEST_TILE);
  const length = Math.ceil(outputs / tiles);
  const points = length + taps - 1;
  const products = points * tiles;
  const input = new Float32Array(products * inputs);
  const filter = new Float32Array(points * taps);
  const output = new Float32Array(outputs * products);
  // A product of polynomials is interpolated from its values; correlation is that algorithm transposed.
  const interpolate = inverse(evaluation(points, points));
  const ofFilter = evaluation(points, taps);
  const ofOutput = evaluation(points, length);
  for (let point = 0; point < points; point++) {
    // Any factor may move from one matrix to the other: this one makes the input's entries whole numbers.
    let scale = 1;
    if (point < points - 1) for (let j = 0; j < points - 1; j++) if (j !== point) scale *= POINTS[point] - POINTS[j];
    for (let j = 0; j < taps; j++) filter[point * taps + j] = ofFilter[point][j] / scale;
    for (let tile = 0; tile < tiles; tile++) {
      const row = point * tiles + tile;
      for (let j = 0; j < points; j++) {
        const cell = tile * length + j - before;
        if (cell >= 0 && cell < inputs) input[row * inputs + cell] = interpolate[j][point] * scale;
      }
      for (let j = 0; j < length && tile * length + j < outputs; j++) output[(tile * length + j) * products + row] = ofOutput[point][j];
    }
  }
  return { points, tiles, input, filter, output };
}

/** Row-major transpose. */
export function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]);
}

/** Kronecker product of [a, b] and [c, d]: [a c, b d], row-major. */
export function kronecker(x: Float32Array, a: number, b: number, y: Float32Array, c: number, d: number): Float32Array {
  const out = new Float32Array(a * c * b * d);
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++)
      for (let k = 0; k < c; k++) for (let l = 0; l < d; l++) out[(i * c + k) * b * d + j * d + l] = x[i * b + j] * y[k * d + l];
  return out;
}
