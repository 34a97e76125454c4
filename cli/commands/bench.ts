/** `ludus bench`: each benchmark prints JSON; timings never decide a test. */
import { unknown } from '#engine';
import type { DeviceChoice } from '#engine/node';
import { benchmarks, type BenchmarkName } from '#bench';
import { count, printResult } from '../output.js';

/** Numbers and texts of a nested result, one "path: value" line each. */
function lines(value: unknown, path = ''): string[] {
  if (value !== null && typeof value === 'object') {
    return Object.entries(value).flatMap(([key, inner]) => lines(inner, path ? `${path}.${key}` : key));
  }
  const shown = typeof value === 'number' ? (Math.abs(value) < 10 ? String(Number(value.toPrecision(4))) : count(value)) : String(value);
  return [`  ${path}: ${shown}`];
}

export async function bench(what: string | undefined, options: { seconds: number; device: DeviceChoice; json?: boolean }): Promise<void> {
  const names = Object.keys(benchmarks) as BenchmarkName[];
  if (what !== undefined && !names.includes(what as BenchmarkName)) throw unknown('benchmark', what, names);
  const chosen = what === undefined ? names : [what as BenchmarkName];
  const results: Record<string, unknown> = {};
  for (const name of chosen) {
    if (!options.json) process.stderr.write(`${name}: measuring for about ${options.seconds} s …\n`);
    results[name] = await benchmarks[name]({ seconds: options.seconds, device: options.device });
    if (!options.json) printResult(false, results[name], () => `${name}\n${lines(results[name]).join('\n')}`);
  }
  if (options.json) printResult(true, chosen.length === 1 ? results[chosen[0]] : results, () => '');
}
