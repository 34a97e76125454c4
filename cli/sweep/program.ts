/** The command that compares settings. */
import { type Command, Option } from 'commander';
import { collect, integer, positive } from '../options.js';

interface Shared {
  command(parent: Command, usage: string, summary: string, help: string): Command;
  json(): Option;
  set(): Option;
}

export function addSweepCommand(program: Command, { command, json, set }: Shared): void {
  command(program, 'sweep <game>', 'learn a game or task several times: other settings, several seeds', `
One run is an anecdote. This trains from several seeds, as many runs at once as there are cores, and prints means with their
standard errors. The runs, sweep.json and sweep.svg lie in one folder; the same command goes on where it stopped, and one with more
variants or seeds adds to it.

Games for two: every variant of the settings, and the default, for the same time on one thread (threads=1), seed by seed so that
all meet the same noise. Each run is then judged: the share of exact positions whose result its move keeps, with search and by the
network alone, on the odd rows of FILE (choose settings by these, report by the even ones: --rows even), or on the program's own
positions; and its points against anchors. On a busy machine --cpu-minutes is the fairer measure.

Tasks: the same settings from several seeds; mean return of the last 100 training episodes, and the mean curve. With --episodes
what each seed has learnt also plays that many episodes without exploring, as \`ludus eval\` has it.

Examples:
  ludus sweep tic-tac-toe --cpu-minutes 1 --seeds 3 --variant puct:search.kind=puct --variant small:network.hidden=64,64
  ludus sweep connect4 --minutes 10 --seeds 3 --positions testdata/connect4-positions.csv --variant fast:search.simulations=16
  ludus sweep chess --minutes 60 --variant wide:network.channels=96 --anchor uct:sims=1000
  ludus sweep cartpole --algo ppo --seeds 5 --episodes 100
  ludus sweep breakout --algo ppo --seeds 3 --frames 1000000 --set learner.entropyWeight=0.02 --out runs/more-entropy`)
    .option('--algo <name>', 'how it is learnt (default: alphazero for two, ppo where it suits a task)')
    .addOption(new Option('--variant <name:settings>', 'settings to compare with the default, NAME:key=value,key=value, repeatable').argParser(collect))
    .addOption(new Option('--seeds <n>', 'runs of each variant').argParser(integer(1, 1000)).default(5))
    .addOption(new Option('--seed <n>', 'the first seed; the others follow it').argParser(integer(0)).default(1))
    .addOption(new Option('--parallel <n>', 'runs at once (default: one for each core)').argParser(integer(1, 256)))
    .addOption(new Option('--minutes <m>', 'games for two: training time of each run (default 5)').argParser(positive))
    .addOption(new Option('--cpu-minutes <m>', 'games for two: processor time of each run instead').argParser(positive))
    .addOption(new Option('--simulations <n>', 'games for two: of a move while judging (default: the setting evaluation.simulations)').argParser(integer(1)))
    .option('--positions <file>', 'games for two: positions with exact scores, as `ludus eval` takes them (default: the program\'s own)')
    .addOption(new Option('--rows <which>', 'which of them (default: the odd rows of FILE, all of the program\'s own)').choices(['all', 'odd', 'even']))
    .addOption(new Option('--anchor <agent>', 'games for two: also count points against this agent, repeatable').argParser(collect))
    .addOption(new Option('--pairs <n>', 'pairs of games against each anchor').argParser(integer(1)).default(50))
    .addOption(new Option('--frames <n>', 'tasks: length of each run in environment steps').argParser(integer(1)))
    .addOption(new Option('--episodes <n>', 'tasks: episodes that each seed plays greedily in the end').argParser(integer(1)))
    .addOption(set())
    .option('--out <dir>', 'folder (default: runs/GAME-sweep, of a task runs/GAME-ALGO-sweep)')
    .addOption(json())
    .action(async (game, options) => (await import('../commands/sweep.js')).sweep(game, options));
}
