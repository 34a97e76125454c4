/** Whether the parts of a checkpoint belong together: what plays, and what is trained. */
import { createRng } from '#engine';
import { exportModel } from '#engine/nn';
import { trainingParts } from '../parts.js';
import { ask, type Answers, type Evidence, type Sample } from './evidence.js';
import { question, type Finding } from './finding.js';

/** model.onnx must be the averaged weights. */
export async function checkpointAgrees({ game, config, checkpoint }: Evidence, sample: Sample, answers: Answers): Promise<Finding> {
  const answer = question('checkpoint', 'Do the parts of the checkpoint agree?', 'model.onnx answers as average.bin does, to 0.001');
  const count = Math.min(64, sample.count);
  const averaged = await ask(exportModel(trainingParts(game, config).network, checkpoint.average), game, sample.planes, count);
  let most = 0;
  for (let i = 0; i < count; i++) most = Math.max(most, Math.abs(averaged.value[i] - answers.value[i]));
  for (let i = 0; i < count * game.actionCount; i++) most = Math.max(most, Math.abs(averaged.policy[i] - answers.policy[i]) / Math.max(1, Math.abs(answers.policy[i])));
  const told = `largest difference ${most.toPrecision(2)} on ${count} positions; every file's hash is right and every weight finite`;
  return most <= 1e-3
    ? answer('ok', most, told, 'What plays is what was trained.')
    : answer('problem', most, told, 'model.onnx is not the network whose weights lie beside it.', 'Use another checkpoint; go on with training, which writes a new one.');
}

/** A few positions at random, for a run that holds no games of its own: nothing is known of how they ended. */
export function randomSample({ game }: Evidence, count = 64): Sample {
  const size = game.planes.reduce((a, b) => a * b, 1);
  const planes = new Float32Array(count * size);
  const legal = new Int32Array(game.actionCount);
  const rng = createRng('diagnose positions');
  for (let row = 0; row < count; row++) {
    const state = game.start(rng);
    for (let ply = 0; ply < row % 8 && state.turn >= 0; ply++) state.apply(legal[rng.below(state.legal(legal))], rng);
    if (state.turn >= 0) state.observe(planes.subarray(row * size, (row + 1) * size));
  }
  return { count, planes, targets: new Float32Array(0), outcomes: new Float32Array(count), searched: new Float32Array(count), seats: [], games: [], legal: [] };
}
