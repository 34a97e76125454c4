/** Subcommands about tournaments and what their results say. */
import { type Command, Option } from 'commander';
import { counts, integer, named } from '../options.js';

/** What program.ts shares with the commands here. */
export interface Kit {
  readonly command: (parent: Command, usage: string, summary: string, help: string) => Command;
  readonly json: () => Option;
  readonly threads: () => Option;
  readonly device: () => Option;
  readonly coordinating: (target: Command) => Command;
}

const models = ['bt', 'davidson', 'raokupper', 'bradley-terry', 'rao-kupper'];
const tests = ['logistic', 'normalized', 'bayesian', 'normalised'];
const number = (text: string): number => {
  const value = Number(text);
  return text.trim() === '' || !Number.isFinite(value) ? Number.NaN : value;
};

const several = (text: string, before: string[] | undefined): string[] => [...(before ?? []), text];
const ratingModel = () => new Option('--model <model>', 'bt: Bradley–Terry, a draw is half a win; davidson and raokupper estimate how often a draw is').choices(models).default('bt');
const anchor = () => new Option('--anchor <name=elo>', 'hold this player\'s Elo fixed, repeatable').argParser(named);
const virtual = () => new Option('--virtual-draws <n>', 'draws added to each couple, so that the unbeaten get a rating (default 0)').argParser(Number);
const gameCounts = () => new Option('--games <w,d,l>', 'counts of single games: wins,draws,losses of A').argParser(counts('wins,draws,losses', [3]));
const pairCounts = () => new Option('--pairs <counts>', 'counts of pairs by A\'s two results: LL,LD,WL,DD,WD,WW (or five, with WL and DD together)').argParser(counts('LL,LD,WL,DD,WD,WW', [5, 6]));

const listen = () => new Option('--listen <port>', 'where remote agents join (default 8421)').argParser(integer(0, 65535));
const listenHost = () => new Option('--listen-host <address>', 'address to listen on (default 127.0.0.1)');
const token = () => new Option('--token <text>', 'what remote agents must know (default: LUDUS_REMOTE_TOKEN, or a new one, which is printed)');

export function addTournamentCommands(program: Command, { command, json, threads, device, coordinating }: Kit): void {
  coordinating(command(program, 'tournament [file]', 'many agents meet: round robin, gauntlet, or the checkpoints of a run', `
FILE is JSON; options of the command line go on top of it, and are enough without a file. Agents meet in pairs of games: one
opening, sides swapped. Every game is appended to a ledger (JSON lines) as it ends; the same command goes on where it
stopped, even after a kill -9, and plays only what the ledger lacks. An agent that crashes, stalls, plays an illegal move
or oversteps its clock loses that game, with the reason told; the tournament goes on.

A file, with everything but "game" and "agents" optional:
  {
    "game": "connect4",
    "agents": ["uct:sims=100", "uct:sims=1000", {"agent": "az:runs/connect4,sims=100", "name": "mine"}],
    "format": "round-robin",             or gauntlet (the first agent against all others), checkpoints, sprt
    "pairs": 50,                         for each two that meet
    "seed": 1,
    "openings": {"plies": [2, 5]},       or {"book": "openings.txt"}: one position a line
    "clock": "10+0.1",                   seconds + increment; or "moveMillis": 200; or neither: the agents' own counts
    "adjudication": {"draw": {"score": 0.05, "moves": 4, "after": 20}, "resign": {"score": 0.95, "moves": 3},
                     "maxPlies": 200, "solver": {"after": 16}},
    "ratings": {"model": "bt", "anchors": {"uct:sims=100": 0}}
  }

Examples:
  ludus tournament --game tic-tac-toe --agent random --agent uct:sims=30 --agent solver --pairs 100
  ludus tournament league.json --pairs 200 --csv table.csv
  ludus tournament --run runs/connect4 --agent uct:sims=1000 --pairs 30      newest checkpoint against the last 3 and UCT
  ludus tournament --game connect4 --agent remote:bob --agent uct:sims=300 --listen 8421    see docs/remote-agents.md
  ludus tournament league.json --redis redis://10.0.0.5:6379      pairs are played on other machines (ludus worker)`)
    .option('--game <game>', 'game id or module path')
    .addOption(new Option('--agent <agent>', 'one who takes part, repeatable (see `ludus agents`)').argParser(several))
    .addOption(new Option('--format <format>', 'who meets whom').choices(['round-robin', 'gauntlet', 'checkpoints']))
    .addOption(new Option('--pairs <n>', 'pairs for each two that meet (default 20)').argParser(integer(1)))
    .addOption(new Option('--seed <n>', 'seed of openings and every random choice (default 1)').argParser(integer(0)))
    .addOption(new Option('--plies <n>', 'random plies of an opening (default: the game\'s)').argParser(integer(0)))
    .option('--book <file>', 'openings, one position a line')
    .option('--clock <base+increment>', 'Fischer\'s clock in seconds, such as 10+0.1')
    .addOption(new Option('--move-millis <n>', 'milliseconds for each move').argParser(integer(1)))
    .option('--run <dir>', 'the newest checkpoint of this run against the last ones and the agents')
    .addOption(new Option('--last <k>', 'of a run: how many checkpoints before the newest (default 3)').argParser(integer(1)))
    .addOption(new Option('--sims <n>', 'of a run: simulations a move of its checkpoints (default 100)').argParser(integer(1)))
    .addOption(ratingModel().default(undefined))
    .addOption(anchor())
    .addOption(virtual())
    .option('--ledger <file>', 'where the games are written (default: in tournaments/, or in the run\'s tournaments/)')
    .option('--csv <file>', 'write the crosstable')
    .option('--pgn <file>', 'of chess: write the games, with evaluations, depths, nodes and times')
    .addOption(listen())
    .addOption(listenHost())
    .addOption(token())
    .addOption(threads())
    .addOption(device().default(undefined))
    .addOption(json()))
    .action(async (file, options) => (await import('./tournament.js')).tournament(file, options));

  command(program, 'rate <ledgers...>', 'ratings of all players in one ledger or several together', `
Maximum likelihood over all games at once, with the advantage of moving first estimated; errors by pairs, since the two
games of an opening are not independent. Without an anchor the mean is 0. Players whom the games do not tie to the others
(unbeaten, winless, never met) get no number: n/a, in JSON null.

Examples:
  ludus rate tournaments/connect4.jsonl
  ludus rate a.jsonl b.jsonl --model davidson --anchor random=0 --json`)
    .addOption(ratingModel())
    .addOption(anchor())
    .addOption(virtual())
    .option('--no-advantage', 'do not estimate what moving first is worth')
    .option('--csv <file>', 'write the list')
    .addOption(json())
    .action(async (ledgers, options) => (await import('./rate.js')).rate(ledgers, options));

  command(program, 'sprt', 'is A better than B? A match that ends as soon as that is known', `
H0: A is stronger by elo0 at most; H1: by elo1 at least. The match ends when the log-likelihood ratio leaves its bounds: H1 is
accepted though H0 holds with probability alpha at most, H0 though H1 holds with beta. The hypotheses of the normalized model
(recommended) are in normalised Elo, which does not depend on how drawish the openings are.
With --games or --pairs it plays nothing and only calculates.

Examples:
  ludus sprt --game connect4 --a uct:sims=300,c=1.2 --b uct:sims=300 --elo0 0 --elo1 20
  ludus sprt --elo0 0 --elo1 10 --pairs 34,54,31,32,64,75
  ludus sprt --elo0 0 --elo1 10 --games 136,111,96 --model bayesian --json`)
    .addOption(new Option('--elo0 <elo>', 'hypothesis 0').argParser(number).default(0))
    .addOption(new Option('--elo1 <elo>', 'hypothesis 1').argParser(number).default(10))
    .addOption(new Option('--alpha <p>', 'chance of accepting H1 though H0 is true').argParser(number).default(0.05))
    .addOption(new Option('--beta <p>', 'chance of accepting H0 though H1 is true').argParser(number).default(0.05))
    .addOption(new Option('--model <model>', 'what the hypotheses are about').choices(tests).default('normalized'))
    .addOption(gameCounts())
    .addOption(pairCounts())
    .option('--game <game>', 'game id or module path')
    .option('--a <agent>', 'the one that may be better')
    .option('--b <agent>', 'the one it is compared with')
    .addOption(new Option('--max-pairs <n>', 'give up after so many pairs').argParser(integer(1)).default(20_000))
    .addOption(new Option('--seed <n>', 'seed of openings and every random choice').argParser(integer(0)).default(1))
    .addOption(new Option('--plies <n>', 'random plies of an opening (default: the game\'s)').argParser(integer(0)))
    .option('--book <file>', 'openings, one position a line')
    .option('--clock <base+increment>', 'Fischer\'s clock in seconds, such as 10+0.1')
    .addOption(new Option('--move-millis <n>', 'milliseconds for each move').argParser(integer(1)))
    .option('--ledger <file>', 'where the games are written (default: in tournaments/)')
    .addOption(listen())
    .addOption(listenHost())
    .addOption(token())
    .addOption(threads())
    .addOption(device())
    .addOption(json())
    .action(async (options) => (await import('./sprt.js')).sprtCommand(options));

  command(program, 'elo', 'Elo, normalised Elo and their errors from counts', `
Examples:
  ludus elo --games 136,111,96
  ludus elo --pairs 34,54,31,32,64,75 --json`)
    .addOption(gameCounts())
    .addOption(pairCounts())
    .addOption(new Option('--bootstrap <n>', 'check the error by so many resamples of the games or pairs').argParser(integer(100, 1_000_000)))
    .addOption(json())
    .action(async (options) => (await import('./elo.js')).elo(options));
}

/** Names that people write for the same model. */
export const ratingModelOf = (name: string): 'bt' | 'davidson' | 'raokupper' => (name === 'davidson' ? 'davidson' : name.startsWith('rao') ? 'raokupper' : 'bt');
