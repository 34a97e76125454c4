// Reads {names, feeds} as JSON, runs the model by onnxruntime-node, and writes the outputs as nested lists.
import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const shapeOf = (list) => (Array.isArray(list) ? [list.length, ...shapeOf(list[0])] : []);
const nested = (data, [size, ...rest]) => (rest.length === 0 ? [...data] : Array.from({ length: size }, (_, i) => nested(data.slice((i * data.length) / size, ((i + 1) * data.length) / size), rest)));

const { names, feeds } = JSON.parse(readFileSync(0, 'utf8'));
const session = await InferenceSession.create(process.argv[2]);
const tensors = Object.fromEntries(Object.entries(feeds).map(([name, list]) => [name, new Tensor('float32', Float32Array.from(list.flat(Infinity)), shapeOf(list))]));
const outputs = await session.run(tensors, names);
process.stdout.write(JSON.stringify(names.map((name) => nested(outputs[name].data, outputs[name].dims.map(Number)))));
