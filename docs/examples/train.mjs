// A short training run, listened to; then a match between its newest checkpoint and random play.
import { createTraining } from 'ludus/selfplay';
import { runMatch } from 'ludus/arena';

const runDir = process.argv[2] ?? 'runs/example';
const training = await createTraining({ runDir, game: 'tic-tac-toe', overrides: ['search.simulations=8'] });
training.on('checkpoint', ({ step }) => console.log(`checkpoint at step ${step}`));
await training.run({ steps: 300 }); // a Training resumes where its directory stopped
await training.stop();
console.log(`${training.progress.games} games, ${training.progress.steps} steps`);

const result = await runMatch({ game: 'tic-tac-toe', a: `az:${runDir},sims=32`, b: 'random', pairs: 20, seed: 1 });
console.log(`+${result.wins} =${result.draws} -${result.losses}, Elo ${result.elo?.toFixed(0)} ± ${result.error?.toFixed(0)}`);
