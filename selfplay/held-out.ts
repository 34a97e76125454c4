/** How well a network foretells games that it does not learn from. */
import { createRng, type Game } from '#engine';
import { openModel } from '#engine/node';
import { trainedCount, type Episode } from './episode.js';
import { ReplayWindow, RowWriter } from './sampler.js';

/** Positions of the measurement, and rows of one network call. */
const POSITIONS = 1024;
const ROWS = 128;

export interface HeldOutResult {
  /** Share of positions whose most likely target move the network holds most likely, of all moves. */
  readonly policyAccuracy: number;
  /** Mean cross-entropy to the target policy [nats]. */
  readonly policyLoss: number;
  /** Mean squared error of the value. */
  readonly valueLoss: number;
  readonly positions: number;
}

export class HeldOut {
  private readonly game: Game;
  private readonly device: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  private readonly rows: { readonly planes: Float32Array; readonly policy: Float32Array; readonly value: Float32Array };
  readonly positions: number;

  /** Positions drawn from the games, the same ones each time. */
  constructor(game: Game, episodes: readonly Episode[], device: HeldOut['device']) {
    this.game = game;
    this.device = device;
    const window = new ReplayWindow();
    for (const episode of episodes) if (trainedCount(episode) > 0) window.add(episode);
    this.positions = Math.min(POSITIONS, window.positions);
    const writer = new RowWriter(game, Math.max(1, this.positions), ['policy', 'value']);
    if (this.positions > 0) writer.fill(window, createRng('held out'), { valueMix: 1, policySmoothing: 0, symmetries: false });
    const { planes, policy, value } = writer.rows;
    this.rows = { planes, policy, value };
  }

  async measure(model: Uint8Array): Promise<HeldOutResult> {
    const { actionCount, planes: [channels, height, width] } = this.game;
    const size = channels * height * width;
    const inference = await openModel(model, { device: this.device, threads: 1 });
    const outputs = { policy: new Float32Array(ROWS * actionCount), value: new Float32Array(ROWS) };
    let hits = 0;
    let policyLoss = 0;
    let valueLoss = 0;
    try {
      for (let from = 0; from < this.positions; from += ROWS) {
        const count = Math.min(ROWS, this.positions - from);
        await inference.run(this.rows.planes.subarray(from * size, (from + count) * size), count, outputs);
        for (let i = 0; i < count; i++) {
          const target = this.rows.policy.subarray((from + i) * actionCount, (from + i + 1) * actionCount);
          const logits = outputs.policy.subarray(i * actionCount, (i + 1) * actionCount);
          if (indexOfMost(target) === indexOfMost(logits)) hits++;
          policyLoss += crossEntropyOf(logits, target);
          valueLoss += (outputs.value[i] - this.rows.value[from + i]) ** 2;
        }
      }
    } finally {
      await inference.close();
    }
    const n = Math.max(1, this.positions);
    return { policyAccuracy: hits / n, policyLoss: policyLoss / n, valueLoss: valueLoss / n, positions: this.positions };
  }
}

function indexOfMost(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

function crossEntropyOf(logits: Float32Array, target: Float32Array): number {
  const most = logits[indexOfMost(logits)];
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - most);
  const log = most + Math.log(sum);
  let loss = 0;
  for (let i = 0; i < target.length; i++) if (target[i] > 0) loss += target[i] * (log - logits[i]);
  return loss;
}
