/**
 * What these methods learn, as networks that compute the same: a table is a matrix that a one-hot observation selects a
 * row of, tile coding gathers one row a grid, a small policy is itself. So their checkpoints are ONNX models like any
 * other. `policy` holds the values of the actions, `value` the best of them.
 */
import { tf, type Network, type Tensors } from '#engine/nn';
import { displacements, tileScales, tilesOfGrid, type TileCoding } from '#engine/tabular';
import { layerWidths, type PolicyShape } from '#engine/evolution';
import type { TaskFacts } from '../types.js';

type Tensor = Tensors[string];

function answers(scores: Tensor): Tensors {
  return { policy: scores, value: tf.max(scores, 1) };
}

function network(name: string, task: TaskFacts, parameters: Network['parameters'], scores: (p: Tensors, observation: Tensor) => Tensor): Network {
  const size = task.planes[0] * task.planes[1] * task.planes[2];
  return {
    name,
    input: { planes: task.planes, actions: task.actionCount },
    parameters,
    serves: ['policy', 'value'],
    forward: (p, planes) => answers(scores(p, tf.reshape(planes, [-1, size]))),
  };
}

/** Parameters: `table` [positions, actions]. */
export function tableNetwork(task: TaskFacts): Network {
  const positions = task.planes[0] * task.planes[1] * task.planes[2];
  return network('table', task, [{ name: 'table', shape: [positions, task.actionCount], init: 'zeros', kind: 'kernel' }], (p, x) => tf.matMul(x, p.table));
}

/** Parameters: `tiles` [tilings * tiles of a grid, actions]. Single precision in the same order as `tileFeatures`. */
export function tileNetwork(task: TaskFacts, coding: TileCoding): Network {
  const { tilings, tiles, low } = coding;
  const dimensions = tiles.length;
  const perGrid = tilesOfGrid(coding);
  const strides = tiles.map((_, d) => tiles.slice(d + 1).reduce((product, count) => product * (count + 1), 1));
  return network('tiles', task, [{ name: 'tiles', shape: [tilings * perGrid, task.actionCount], init: 'zeros', kind: 'kernel' }], (p, x) => {
    const scaled = tf.mul(tf.sub(x, tf.tensor2d([...Float32Array.from(low)], [1, dimensions])), tf.tensor2d(tileScales(coding), [1, dimensions]));
    const inside = tf.minimum(tf.maximum(scaled, 0), tf.tensor2d([...tiles], [1, dimensions]));
    // [N, tilings, dimensions]: the tile along each dimension of each grid.
    const steps = tf.floor(tf.add(tf.reshape(inside, [-1, 1, dimensions]), tf.tensor3d(displacements(coding), [1, tilings, dimensions])));
    const within = tf.sum(tf.mul(steps, tf.tensor3d(strides, [1, 1, dimensions])), 2);
    const rows = tf.add(within, tf.tensor2d(Array.from({ length: tilings }, (_, tiling) => tiling * perGrid), [1, tilings]));
    const found = tf.gatherND(p.tiles, tf.cast(tf.reshape(rows, [-1, 1]), 'int32'));
    return tf.sum(tf.reshape(found, [-1, tilings, task.actionCount]), 1);
  });
}

/** Parameters: `layerI/kernel` [inputs, outputs] and `layerI/bias` [outputs]; tanh between layers. */
export function policyNetwork(task: TaskFacts, shape: PolicyShape): Network {
  const widths = layerWidths(shape);
  const parameters: Network['parameters'] = widths.slice(1).flatMap((outputs, i) => [
    { name: `layer${i}/kernel`, shape: [widths[i], outputs], init: 'zeros' as const, kind: 'kernel' as const },
    { name: `layer${i}/bias`, shape: [outputs], init: 'zeros' as const, kind: 'vector' as const },
  ]);
  return network('small policy', task, parameters, (p, x) => {
    let y = x;
    for (let i = 0; i < widths.length - 1; i++) {
      y = tf.add(tf.matMul(y, p[`layer${i}/kernel`]), p[`layer${i}/bias`]);
      if (i < widths.length - 2) y = tf.tanh(y);
    }
    return y;
  });
}
