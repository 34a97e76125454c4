// The shipped Connect Four network: its own choice, and what a search with it makes of the position.
import { readFileSync } from 'node:fs';
import { createBatch, createRng, createSearch, runSearch } from 'ludus/engine';
import { NetworkEvaluator, openModel } from 'ludus/engine/node';
import { getGame } from 'ludus/games';

const game = getGame('connect4');
const position = game.parseSetup(process.argv[2] ?? '112233'); // columns, from the empty board
const model = await openModel(readFileSync(new URL('../../models/connect4/model.onnx', import.meta.url)), { device: 'cpu', threads: 1 });

// Network alone: the likeliest legal move. The policy holds logits; illegal moves are not masked.
const planes = new Float32Array(2 * 6 * 7);
position.observe(planes);
const outputs = { policy: new Float32Array(game.actionCount), value: new Float32Array(1) };
await model.run(planes, 1, outputs);
const legal = new Int32Array(game.actionCount);
const moves = [...legal.subarray(0, position.legal(legal))];
const best = moves.reduce((a, b) => (outputs.policy[b] > outputs.policy[a] ? b : a));
console.log(`network: column ${game.actionName(position, best)}, value ${outputs.value[0].toFixed(4)}`);

const search = createSearch(game, { kind: 'puct', simulations: 200, noise: false });
search.restart(position, createRng(1));
await runSearch(search, createBatch(game, 1), new NetworkEvaluator(model));
console.log(`search: column ${game.actionName(position, search.action(createRng(2), 0))}, value ${search.report().value.toFixed(4)}`);
await model.close();
