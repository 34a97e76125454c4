/** docs/python.md: what it says of model.onnx is so, and its example and the one for the exports play. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { connect4 } from '#games';

const root = fileURLToPath(new URL('..', import.meta.url));
const model = join(root, 'models/connect4/model.onnx');
const page = readFileSync(join(root, 'docs/python.md'), 'utf8');
const example = join(root, 'docs/examples/connect4.py');
/** Every hundredth position of the file, and the corners of the notation. */
const positions = ['', '4', '112233', '1212121', '444444', '44444435',
  ...readFileSync(join(root, 'testdata/connect4-positions.csv'), 'utf8').trim().split('\n').slice(1).filter((_, i) => i % 300 === 0).map((row) => row.split(',')[0])];

const python = (...args: string[]) => spawnSync('python3', args, { cwd: root, encoding: 'utf8', env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } });
const hasPython = python('-c', 'print(1)').status === 0;
const hasRuntime = hasPython && python('-c', 'import onnxruntime, numpy').status === 0;

let session: InferenceSession;
beforeAll(async () => {
  session = await InferenceSession.create(model);
});

/** As the page tells it, from the moves alone: no rule of ours is used. */
async function asDocumented(moves: string): Promise<{ column: number; value: number; planes: Float32Array }> {
  const planes = new Float32Array(84);
  const heights = Array<number>(7).fill(0);
  [...moves].forEach((digit, ply) => {
    const column = Number(digit) - 1;
    const own = ply % 2 === moves.length % 2;
    planes[(own ? 0 : 42) + (5 - heights[column]++) * 7 + column] = 1;
  });
  const { policy, value } = await session.run({ planes: new Tensor('float32', planes, [1, 2, 6, 7]) });
  const logits = policy.data as Float32Array;
  const legal = heights.flatMap((height, column) => (height < 6 ? [column] : []));
  return { column: legal.reduce((a, b) => (logits[b] > logits[a] ? b : a)) + 1, value: (value.data as Float32Array)[0], planes };
}

describe('the page about model.onnx', () => {
  it('names its input and outputs, and their shapes', () => {
    expect(session.inputMetadata.map((input) => [input.name, input.isTensor && input.type, input.isTensor && input.shape.slice(1)])).toEqual([['planes', 'float32', [2, 6, 7]]]);
    expect(session.outputMetadata.map((output) => [output.name, output.isTensor && output.shape.slice(1)])).toEqual([['policy', [7]], ['value', []]]);
    for (const row of ['| input | `planes` | [N, channels, height, width] | float32 |', '| output | `policy` | [N, actions] | float32 |', '| output | `value` | [N] | float32 |']) expect(page).toContain(row);
  });

  it.each(positions)('says what the planes of %s are', async (moves) => {
    const own = new Float32Array(84);
    connect4.parseSetup?.(moves)?.observe(own);
    expect((await asDocumented(moves)).planes).toEqual(own);
  });

  it('shows the example as it is, and what it prints', async () => {
    const code = readFileSync(example, 'utf8').replace(/^"""[^]*?"""\n/, '');
    expect(page).toContain(code);
    expect(code.trim().split('\n').filter((line) => line !== '' && !/^(import|print)/.test(line)).length).toBeLessThanOrEqual(10);
    const [, moves, column, value] = /model.onnx (\d+)\n```\n\nprints `column (\d), value ([+-][\d.]+)`/.exec(page) ?? [];
    const found = await asDocumented(moves);
    expect(found.column).toBe(Number(column));
    // Another model may be shipped; a won position stays one.
    expect(Math.abs(found.value - Number(value))).toBeLessThan(0.3);
  });
});

it('the Python example plays what Node plays, by its own runtime or by ours', async () => {
  if (!hasPython) return console.log('docs/examples/connect4.py was not run: there is no python3 here; its data path was checked from the page alone');
  if (!hasRuntime) console.log('docs/examples/connect4.py was run with stand-ins: Python has no onnxruntime or no numpy here');
  for (const moves of ['', '112233', '444444', ...positions.slice(-2)]) {
    const text = execFileSync('python3', [example, model, moves], {
      cwd: root, encoding: 'utf8', env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', LUDUS_NODE: process.execPath, ...(hasRuntime ? {} : { PYTHONPATH: join(root, 'docs/examples/stand-in') }) },
    });
    const { column, value } = await asDocumented(moves);
    const [, printed, rounded] = /^column (\d), value ([+-][\d.]+)\n$/.exec(text) ?? [];
    expect(Number(printed), moves).toBe(column);
    expect(Math.abs(Number(rounded) - value), moves).toBeLessThan(0.0051);
  }
}, 600_000);

it('the example for the exports plays the same move, and its search wins', async () => {
  const out = execFileSync(process.execPath, [join(root, 'docs/examples/play.mjs'), '112233'], { cwd: root, encoding: 'utf8' });
  const { column, value } = await asDocumented('112233');
  expect(out).toMatch(new RegExp(`^network: column ${column}, value `));
  expect(Number(/value ([-\d.]+)/.exec(out)?.[1])).toBeCloseTo(value, 3);
  expect(out).toMatch(/search: column 4, value 1\.0000\n$/);
});
