/** For tests: whether there is a Python, and the stand-in for Gymnasium on its path. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const hasPython = spawnSync('python3', ['-c', 'print(1)']).status === 0;

/** Where `import gymnasium` finds the stand-in. */
export const STAND_IN = fileURLToPath(new URL('.', import.meta.url));

/** For processes that this one starts. */
export function useStandIn(): void {
  process.env.PYTHONPATH = STAND_IN;
  process.env.PYTHONDONTWRITEBYTECODE = '1';
}
