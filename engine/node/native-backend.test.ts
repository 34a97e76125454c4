import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { UserError } from '#engine';
import { alphaZeroLoss, createEagerTrainer, createNetwork, openBackend, optimizerDefaults, tf } from '#engine/nn';
import { loadNativeBackend, type NativePackage } from './native-backend.js';

const failing = (code: string | undefined, message: string) => async () => {
  throw Object.assign(new Error(message), { code });
};

describe('a native backend that is not there', () => {
  it.each<[string, string | undefined, string, string]>([
    ['not installed', 'ERR_MODULE_NOT_FOUND', "Cannot find package '@tensorflow/tfjs-node-gpu' imported from x", "@tensorflow/tfjs-node-gpu is not installed; run 'npm install @tensorflow/tfjs-node-gpu@4.22.0'"],
    ['without CUDA', 'ERR_DLOPEN_FAILED', 'libcudart.so.11.0: cannot open shared object file', 'is installed but does not load here: libcudart.so.11.0'],
    ['without its binding', 'MODULE_NOT_FOUND', "Cannot find module 'tfjs_binding.node'\nRequire stack:", "does not load here: Cannot find module 'tfjs_binding.node'"],
  ])('%s', async (_, code, message, expected) => {
    const error: unknown = await loadNativeBackend('tfjs-node-gpu', failing(code, message)).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).kind).toBe('environment');
    expect((error as UserError).message).toContain(expected);
    expect((error as UserError).message).not.toContain('\n');
  });

  it('is what this machine says, unless it is installed', () => {
    // From dist and without vitest, whose own loader has other words for a missing optional peer.
    const program = `
      const { loadNativeBackend } = await import('./dist/engine/node/native-backend.js');
      const installed = await import('@tensorflow/tfjs-node').then(() => true, () => false);
      console.log(installed || await loadNativeBackend('tfjs-node').catch((error) => error.name + ' ' + error.message));`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: new URL('../..', import.meta.url), stdio: 'pipe', encoding: 'utf8' });
    expect(output).toMatch(/^true|^UserError @tensorflow\/tfjs-node is not installed/);
  });

  it('that registers nothing', async () => {
    await expect(loadNativeBackend('tfjs-node', async () => ({}))).rejects.toThrow("the TensorFlow.js backend 'tensorflow' is not registered");
  });

  it('of an unknown name', async () => {
    await expect(loadNativeBackend('tfjs-nod' as NativePackage)).rejects.toThrow("unknown native backend 'tfjs-nod'; did you mean 'tfjs-node'?");
  });
});

it('is used once its package has registered it', async () => {
  const loaded: string[] = [];
  await openBackend('cpu');
  const backend = await loadNativeBackend('tfjs-node-gpu', async (name) => {
    loaded.push(name);
    // Stands in for the native package: the same kernels under its name.
    tf.copyRegisteredKernels('cpu', 'tensorflow');
    tf.registerBackend('tensorflow', () => tf.engine().findBackend('cpu'));
  });
  expect(loaded).toEqual(['@tensorflow/tfjs-node-gpu']);
  const input = { planes: [1, 1, 2], actions: 2 } as const;
  const trainer = await createEagerTrainer(createNetwork({ kind: 'mlp', hidden: [3], value: 'tanh' }, input), alphaZeroLoss({ input }), optimizerDefaults.sgd, { batch: 1, backend });
  const losses = await trainer.step({ planes: Float32Array.of(1, 0), policy: Float32Array.of(1, 0), value: Float32Array.of(1), weight: Float32Array.of(1) }, 0.1);
  expect(losses.policy).toBeCloseTo(Math.log(2), 1);
  await trainer.close();
});
