import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { tf, withBackend } from '#engine/nn';

describe('the compiled package in Node', () => {
  it('has gradients, and prints nothing of its own', () => {
    const program = `
      const { tf } = await import('#engine/nn');
      await tf.setBackend('cpu');
      const g = tf.grad((x) => tf.sum(tf.where(tf.greater(x, 0), tf.square(x), x)))(tf.tensor1d([3, -3])).dataSync();
      console.log(JSON.stringify([...g]));`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: new URL('../..', import.meta.url), stdio: 'pipe', encoding: 'utf8' });
    expect(output).toBe('[6,1]\n');
  });
});

describe('withBackend', () => {
  it('leaves the former backend current, also when the work throws', async () => {
    await tf.setBackend('cpu');
    tf.registerBackend('other', () => tf.engine().findBackend('cpu'));
    await tf.setBackend('other');
    expect(withBackend('cpu', () => tf.getBackend())).toBe('cpu');
    expect(() => withBackend('cpu', () => { throw new Error('inside'); })).toThrow('inside');
    expect(tf.getBackend()).toBe('other');
    await tf.setBackend('cpu');
  });
});
