// Search a position with UCT and compare with the exact solver.
import { createBatch, createRng, createSearch, runSearch } from 'ludus/engine';
import { getGame, solverFor } from 'ludus/games';

const game = getGame('connect4');
const position = game.parseSetup('4434355227'); // columns, from the empty board

const search = createSearch(game, { kind: 'uct', simulations: 20_000 });
search.restart(position, createRng(1));
await runSearch(search, createBatch(game, 1)); // playouts need no network: the batch stays empty

const report = search.report();
for (const { action, visits, value } of report.actions) {
  console.log(game.actionName(position, action), visits, value?.toFixed(2));
}
console.log('UCT plays', game.actionName(position, search.action(createRng(2))));
console.log('exact scores', solverFor(game).scores(position).join(' '));
