/**
 * Honest strength, by the graph of imports: what plays as `az:`, `policy:` or `mz:`, and all that a training run consists of,
 * reaches neither an exact solver, nor the exact positions that measure it, nor the shared test data.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const { imports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { imports: Record<string, { 'ludus-source': string } | string> };

/** Text of a source file without comments. */
function codeOf(file: string): string {
  return readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
}

/** The source file that an import means; undefined for packages and Node's own modules. */
function fileOf(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) {
    const entry = imports[specifier];
    if (entry === undefined) throw new Error(`${from} imports ${specifier}, which package.json does not name`);
    return resolve(root, typeof entry === 'string' ? entry : entry['ludus-source']);
  }
  if (!specifier.startsWith('.')) return undefined;
  const file = resolve(dirname(from), specifier.replace(/\.js$/, '.ts'));
  if (existsSync(file)) return file;
  throw new Error(`${from} imports ${specifier}, and ${file} is not there`);
}

/** `names` undefined: everything. */
interface Edge { readonly to: string; readonly names?: readonly string[] }

/** What is there after compiling: an import of types alone is no edge. */
function edgesOf(file: string, asked: ReadonlySet<string> | undefined): Edge[] {
  const code = codeOf(file);
  const edges: Edge[] = [];
  const add = (specifier: string, names?: readonly string[]) => {
    const to = fileOf(file, specifier);
    if (to !== undefined && names?.length !== 0) edges.push({ to, ...(names === undefined ? {} : { names }) });
  };
  const listed = (list: string) => list.split(',').map((entry) => entry.trim()).filter((entry) => entry !== '' && !entry.startsWith('type ')).map((entry) => entry.split(/\s+as\s+/)[0]);
  for (const [, list, specifier] of code.matchAll(/\bimport\s+\{([^}]*)\}\s*from\s*'([^']+)'/g)) add(specifier, listed(list));
  for (const [, specifier] of code.matchAll(/\bimport\s+\*\s+as\s+\w+\s+from\s*'([^']+)'/g)) add(specifier);
  for (const [, specifier] of code.matchAll(/\bimport\s+'([^']+)'/g)) add(specifier);
  // `const { a } = await import('x')` takes a; any other form may take everything.
  for (const [, list, specifier] of code.matchAll(/(?:\{([^{}]*)\}\s*=\s*await\s+)?\bimport\(\s*'([^']+)'\s*\)/g)) add(specifier, list === undefined ? undefined : listed(list.replaceAll(':', ' as ')));
  // Threads.
  for (const [, specifier] of code.matchAll(/'(\.\.?\/[\w/-]+-worker\.js)'/g)) add(specifier);
  // A name that is passed on is followed only when somebody asks for it.
  for (const [, list, specifier] of code.matchAll(/\bexport\s+\{([^}]*)\}\s*from\s*'([^']+)'/g)) {
    const own = list.split(',').map((entry) => entry.trim()).filter((entry) => entry !== '' && !entry.startsWith('type ')).map((entry) => entry.split(/\s+as\s+/));
    add(specifier, own.filter(([inner, outer]) => asked === undefined || asked.has(outer ?? inner)).map(([inner]) => inner));
  }
  for (const [, specifier] of code.matchAll(/\bexport\s+\*(?:\s+as\s+\w+)?\s+from\s*'([^']+)'/g)) add(specifier, asked === undefined ? undefined : [...asked]);
  return edges;
}

/** Every file that a start leads to, with the way there. */
function reached(starts: readonly string[]): Map<string, string> {
  const ways = new Map<string, string>();
  const done = new Map<string, Set<string> | 'all'>();
  const queue = starts.map((start): Edge & { way: string } => ({ to: join(root, start), way: start }));
  for (let edge = queue.pop(); edge !== undefined; edge = queue.pop()) {
    const before = done.get(edge.to);
    const fresh = edge.names?.filter((name) => before === undefined || (before !== 'all' && !before.has(name)));
    if (before === 'all' || (before !== undefined && fresh?.length === 0)) continue;
    done.set(edge.to, edge.names === undefined ? 'all' : new Set([...(before ?? []), ...edge.names]));
    const name = relative(root, edge.to);
    if (!ways.has(name)) ways.set(name, edge.way);
    for (const next of edgesOf(edge.to, edge.names === undefined ? undefined : new Set(edge.names))) queue.push({ ...next, way: `${edge.way} > ${relative(root, next.to)}` });
  }
  return ways;
}

const forbidden = /^games\/(?:.*\/)?solvers?\.ts$|^arena\/exam\/|^arena\/evaluate|^testdata\//;
const faults = (ways: ReadonlyMap<string, string>, also?: RegExp) => [...ways].filter(([file]) => forbidden.test(file) || also?.test(file) === true).map(([, way]) => way);

it('an agent with a network reaches no solver and no exact position', () => {
  const ways = reached(['arena/agents/searching.ts', 'arena/agents/policy.ts', 'arena/agents/muzero.ts', 'arena/agents/model.ts']);
  expect([...ways.keys()]).toEqual(expect.arrayContaining(['engine/search/puct.ts', 'engine/search/gumbel.ts', 'engine/node/inference.ts', 'selfplay/checkpoint.ts']));
  expect(faults(ways)).toEqual([]);
});

it('a training run, its threads and its workers on other machines reach neither, and nothing of the arena', () => {
  const ways = reached(['selfplay/loop.ts', 'selfplay/actor-worker.ts', 'selfplay/learner-worker.ts', 'selfplay/store-worker.ts', 'selfplay/cluster/worker.ts', 'selfplay/cluster/coordinator.ts', 'selfplay/index.ts']);
  expect([...ways.keys()]).toEqual(expect.arrayContaining(['selfplay/actor.ts', 'selfplay/learner.ts', 'selfplay/store.ts', 'games/connect4/game.ts', 'games/tic-tac-toe/game.ts']));
  expect(faults(ways, /^arena\//)).toEqual([]);
});

it('the graph is followed: what does reach a solver is found', () => {
  expect(faults(reached(['arena/agents/simple.ts', 'arena/exam/positions.ts']))).not.toEqual([]);
  expect(faults(reached(['arena/evaluate.ts'])).some((way) => way.includes('games/connect4/solver.ts'))).toBe(true);
  expect([...reached(['arena/agents/host-worker.ts']).keys()]).toContain('games/solvers.ts');
});

it('no program but the benchmarks names the shared test data: it is read from where the command line says', () => {
  const files = ['engine', 'games', 'selfplay', 'arena', 'cli', 'web/src'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name)).map((name) => join(folder, name)));
  expect(files.length).toBeGreaterThan(200);
  // Help texts have it in their examples.
  const helps = [join('cli', 'program.ts'), join('cli', 'sweep', 'program.ts')];
  const naming = files.filter((file) => !helps.includes(file) && codeOf(join(root, file)).includes('testdata'));
  expect(naming).toEqual([]);
});
