/** Every subcommand with its options and help; the work is in commands/, loaded when called. */
import { Command, Option } from 'commander';
import { ENVIRONMENT, clusterOption, coordinatorOptions, redisOption } from './cluster.js';
import { collect, integer, positive, range, share } from './options.js';
import { addRunCommands } from './runs/program.js';
import { addSweepCommand } from './sweep/program.js';
import { addTournamentCommands } from './tournaments/program.js';

const EXIT_CODES = `
Exit codes: 0 fine · 1 a defect of ours · 2 a wrong word or option · 3 a corrupt, truncated or mismatched file ·
4 something about this machine (port in use, disk full, device missing) · 130 interrupted before anything was saved`;

/** What all commands share: typed errors, help after a mistake, --json. */
function command(parent: Command, usage: string, summary: string, help: string): Command {
  return parent
    .command(usage)
    .summary(summary)
    .description(summary)
    .exitOverride()
    .showSuggestionAfterError(true)
    .allowExcessArguments(false)
    .addHelpText('after', `\n${help.trim()}\n`);
}

const json = () => new Option('--json', 'print one JSON object as the last line of stdout, and no progress');
const seed = () => new Option('--seed <n>', 'seed of every random choice').argParser(integer(0)).default(1);
const device = () => new Option('--device <name>', 'where networks run').choices(['auto', 'cpu', 'webgpu', 'cuda']).default('cpu');
const threads = () => new Option('--threads <n>', 'worker threads (default: one for each core)').argParser(integer(1, 256));
const coordinating = (target: Command): Command => coordinatorOptions().reduce((to, option) => to.addOption(option), target);
const set = () => new Option('--set <key=value>', 'override a setting, repeatable; `ludus config GAME` lists them').argParser(collect);

export function createProgram(version: string): Command {
  const program = new Command('ludus')
    .description('Agents learn board games by self-play, and then meet each other and people.')
    .version(version, '-V, --version')
    .exitOverride()
    .showSuggestionAfterError(true)
    .addHelpText('after', `
First steps:
  ludus start                                   train Connect Four, watch and play at http://127.0.0.1:8420
  ludus train tic-tac-toe --minutes 2           a run that learns tic-tac-toe, then stops
  ludus train breakout --algo ppo               a task for one, learnt from its rewards; \`ludus games\` lists what suits
  ludus match --game connect4 --a az:runs/connect4,sims=100 --b uct:sims=1000 --pairs 50
  ludus tournament --game connect4 --agent uct:sims=100 --agent uct:sims=1000 --agent random
  ludus play connect4 --agent uct:sims=1000     a game in the terminal
  ludus agents                                  how agents are named
${EXIT_CODES}
`);

  coordinating(command(program, 'start', 'train while you watch and play, in the browser', `
Starts (or resumes) a training run and serves the web application: watch the run learn, play any checkpoint, the shipped
models, UCT or the exact solver. Ctrl-C saves the run; the same command goes on where it stopped.

Examples:
  ludus start                                   Connect Four, in runs/connect4
  ludus start --game tic-tac-toe --port 9000
  ludus start --game breakout                   a task for one, learnt from its rewards
  ludus start --no-train                        only the server: play what is there
  ludus start --redis redis://10.0.0.5:6379     games from workers on other machines (ludus worker); they are at #/cluster`)
    .option('--game <game>', 'game id, or the path of a game module of your own', 'connect4')
    .option('--algo <name>', 'how it is learnt (default: alphazero for two, ppo for one)')
    .option('--run <dir>', 'run directory (default: runs/GAME)')
    .addOption(new Option('--port <n>', 'port to listen on').argParser(integer(0, 65535)).default(8420))
    .option('--host <address>', 'address to listen on; elsewhere than on this machine an admin token is needed (docs/server.md)', '127.0.0.1')
    .addOption(new Option('--name <host>', 'what the server is called from outside, e.g. behind a proxy; may be repeated').argParser((name: string, before: string[] = []) => [...before, name]))
    .option('--trust-proxy', 'a proxy on this machine says in X-Forwarded-For for whom it asks')
    .option('--admin-token-file <file>', 'a file with the admin token; else LUDUS_ADMIN_TOKEN, else one is made and kept in the run directory')
    .addOption(set())
    .addOption(new Option('--seed <n>', 'seed of a new run').argParser(integer(0)))
    .option('--no-train', 'serve without training')
    .option('--no-open', 'do not open the browser')
    .addOption(json()))
    .action(async (options) => (await import('./commands/start.js')).start(options));

  coordinating(command(program, 'train <game>', 'learn a game by self-play', `
Actors play the newest network against itself, a learner trains on what they played, checkpoints come out and are
evaluated. A run directory holds everything: config, replay, checkpoints, metrics (JSON lines and TensorBoard). Running
the same command again goes on where the run stopped; Ctrl-C saves first.

With --records nobody plays: the network learns from stored games alone (of ludus generate, ludus import or another run), and
is measured on games held out; the same run without --records, or another one --from it, goes on by self-play.

Examples:
  ludus train connect4 --minutes 30
  ludus train breakout --algo ppo --frames 5000000                         a task for one: learnt from its rewards
  ludus train cartpole --algo dqn --seed 3 --set learner.learningRate=0.001
  ludus train connect4 --run runs/small --set network.channels=32 --set search.simulations=16 --minutes 10
  ludus train ./my-game.js --minutes 5
  ludus train connect4 --run runs/next --from runs/connect4 --minutes 30   go on from another run's newest weights
  ludus train chess --records chess-games --minutes 60                     learn from records; then, by self-play:
  ludus train chess --run runs/chess-2 --from runs/chess --minutes 60
  ludus train tic-tac-toe --deterministic --seed 7 --games 200             the same weights, bit for bit, each time
  ludus train connect4 --redis redis://10.0.0.5:6379                       games from workers on other machines (ludus worker)`)
    .option('--algo <name>', 'how it is learnt (default: alphazero for two, ppo for one; `ludus games` says what suits)')
    .option('--run <dir>', 'run directory (default: runs/GAME, of a task runs/GAME-ALGO)')
    .addOption(new Option('--frames <n>', 'tasks: length of the run in environment steps, over which learning anneals').argParser(integer(1)))
    .addOption(new Option('--minutes <m>', 'stop after this much training time in this sitting').argParser(positive))
    .addOption(new Option('--cpu-minutes <m>', 'stop after this much processor time of all threads in this sitting: comparable on a busy machine').argParser(positive))
    .addOption(new Option('--games <n>', 'stop once the run has played this many games').argParser(integer(1)))
    .addOption(new Option('--steps <n>', 'stop once the run has made this many optimiser steps').argParser(integer(1)))
    .addOption(set())
    .option('--config <file>', 'JSON file with settings, as in a run\'s config.json; --set goes on top')
    .addOption(new Option('--seed <n>', 'seed of a new run (default 1)').argParser(integer(0)))
    .option('--from <checkpoint>', 'start a new run from a checkpoint\'s weights and optimiser state (a checkpoint or a run; of a model that ships, from its weights)')
    .option('--records <path>', 'learn from the games stored there (a folder, a run, or PGN), repeatable', collect)
    .option('--deterministic', 'alternate self-play and learning by counts: slower, reproducible bit for bit')
    .addOption(new Option('--device <name>', 'where networks run (default: the config\'s)').choices(['auto', 'cpu', 'webgpu', 'cuda']))
    .option('--no-evaluate', 'do not evaluate checkpoints')
    .addOption(json()))
    .action(async (game, options) => (await import('./commands/train.js')).train(game, options));

  addRunCommands(program, { command, json });

  const importing = command(program, 'import', 'recorded games into a replay store, to learn from', `
Example:
  ludus import pgn games.pgn.gz --into chess-games    then: ludus train chess --records chess-games`);
  command(importing, 'pgn <files...>', 'games of chess in PGN', `
Files of any size are streamed, also .gz, and - is stdin. The moves that were played become the policy; evaluations in comments
([%eval 0.35], as analysis sites write them) become values, elsewhere the result does. A game that cannot be read is named with
its line and left out, as are duplicates (the same moves and result), games without a result, and other variants. The same
command again stores nothing twice, so an import that was interrupted goes on.

Examples:
  ludus import pgn games.pgn.gz more.pgn --into chess-games
  zstdcat lichess.pgn.zst | ludus import pgn - --into chess-games --min-elo 2000
  ludus train chess --records chess-games --minutes 60`)
    .requiredOption('--into <path>', 'a folder (replay store), or a run')
    .option('--game <game>', 'whose records they are', 'chess')
    .addOption(new Option('--min-elo <n>', 'only games of which both players have this rating').argParser(integer(1)))
    .addOption(new Option('--min-plies <n>', 'only games this long').argParser(integer(1)).default(10))
    .addOption(json())
    .action(async (files, options) => (await import('./commands/import.js')).importGames(files, options));

  command(program, 'generate <game>', 'let a strong player play and label games to learn from', `
A UCI engine, or any agent, plays against itself from random openings. Each position is labelled: with a UCI engine the policy
is a softmax over the scores of its best lines (--multipv), the value comes from its score; any other agent gives its move
and its value. Moves are drawn from that policy, and some are random, so that games differ and mistakes are punished; clear
games are cut short. PATH is a replay store (a folder, or a run) or FILE.pgn, with evaluations as comments. A game depends on
the settings, the seed and its number alone; the same command goes on where it stopped, and --games may then be raised. An
engine that hangs or dies is started again, and its game is played again.

Examples:
  ludus generate chess --engine uci:stockfish,Hash=8 --games 20000 --nodes 2000 --multipv 4 --out chess-games
  ludus generate chess --engine uci:stockfish --nodes 500 --games 100 --out games.pgn
  ludus generate connect4 --engine uct:sims=500 --random-plies 0..6 --games 1000 --out c4-games
  ludus train chess --records chess-games --minutes 60            learn from them`)
    .requiredOption('--engine <agent>', 'who plays and labels, e.g. uci:stockfish (see `ludus agents`)')
    .requiredOption('--out <path>', 'a folder (replay store or run) or FILE.pgn')
    .addOption(new Option('--games <n>', 'games there should be in the end').argParser(integer(1)).default(1000))
    .addOption(new Option('--nodes <n>', 'of a UCI engine for each position (default 2000, unless the agent says otherwise)').argParser(integer(1)))
    .addOption(new Option('--multipv <n>', 'lines of a UCI engine that become the policy').argParser(integer(1, 256)).default(4))
    .addOption(new Option('--temperature <cp>', 'of that policy: a line so many centipawns worse has 1/e of the weight').argParser(positive).default(50))
    .addOption(new Option('--random-plies <range>', 'random plies that open a game').argParser(range).default([2, 10], '2..10'))
    .addOption(new Option('--mistakes <share>', 'mean share of random moves after them').argParser(share).default(0.07))
    .addOption(new Option('--play-out <share>', 'share of games that are never cut short').argParser(share).default(0.1))
    .addOption(new Option('--max-plies <n>', 'plies after which a game is a draw').argParser(integer(1)).default(400))
    .addOption(new Option('--workers <n>', 'players at once, each a process or thread').argParser(integer(1, 256)).default(1))
    .addOption(seed())
    .addOption(json())
    .action(async (game, options) => (await import('./commands/generate.js')).generateGames(game, options));

  command(program, 'play <game>', 'play an agent in the terminal', `
Type moves as the board shows them; "help" lists the other words (undo, hint, resign, quit).

Examples:
  ludus play connect4 --agent az:runs/connect4,sims=200
  ludus play tic-tac-toe --agent solver --second
  ludus play chess --agent uci:stockfish,elo=1320`)
    .option('--agent <agent>', 'your opponent (see `ludus agents`)', 'uct:sims=1000')
    .option('--second', 'let the agent begin')
    .option('--setup <text>', 'start from a position, e.g. Connect Four columns 4453')
    .addOption(seed())
    .addOption(json())
    .action(async (game, options) => (await import('./commands/play.js')).play(game, options));

  command(program, 'uci', 'an agent as a chess engine, for any chess program', `
Speaks UCI on stdin and stdout: give your chess program this command as an engine (with the full path of ludus), or name it
here as an opponent, uci:/path/to/script. By default the shipped chess model plays, or UCT where there is none. Options that
the chess program can set: Agent, Threads, Hash, MultiPV, Simulations, Move Overhead, UCI_ShowWDL (docs/chess.md).

Examples:
  ludus uci --agent az:models/chess
  ludus uci --agent az:runs/chess@step=2000
  printf 'position startpos moves e2e4\\ngo nodes 500\\n' | ludus uci --agent uct`)
    .option('--agent <agent>', 'who plays (see `ludus agents`); a `go` with clocks, time or nodes goes before its own sims and time')
    .option('--game <game>', 'what the agent has learnt: chess, or chess-history1 to chess-history7', 'chess')
    .addOption(new Option('--threads <n>', 'threads of one network evaluation').argParser(integer(1, 256)).default(1))
    .addOption(device())
    .action(async (options) => (await import('./commands/uci.js')).uci(options));

  command(program, 'match', 'two agents, pairs of games with sides swapped, and an honest Elo', `
Each pair of games starts from one opening of its own and is played twice with sides swapped. The Elo difference is of A
over B, its error the 95 % half-width by pairs. distinctGames says how many games really differed.

Examples:
  ludus match --game connect4 --a uct:sims=1000 --b uct:sims=100 --pairs 50
  ludus match --game tic-tac-toe --a az:runs/tic-tac-toe,sims=50 --b solver --pairs 500 --json`)
    .requiredOption('--game <game>', 'game id or module path')
    .requiredOption('--a <agent>', 'first agent')
    .requiredOption('--b <agent>', 'second agent')
    .addOption(new Option('--pairs <n>', 'pairs of games').argParser(integer(1)).default(50))
    .addOption(new Option('--plies <n>', 'random plies of an opening (default: the game\'s)').argParser(integer(0)))
    .addOption(seed())
    .addOption(threads())
    .addOption(device())
    .option('--games-file <file>', 'write every game as a JSON line')
    .addOption(json())
    .action(async (options) => (await import('./commands/match.js')).match(options));

  addTournamentCommands(program, { command, json, threads, device, coordinating });

  command(program, 'worker', 'play for the runs and tournaments of other machines', `
Takes jobs ("play so many games with the newest weights", "play these pairs of a tournament") from a Redis or Valkey server
and sends the games back. Start one on every machine; they join and leave at any time, and a job that one does not finish
goes to another. Workers and coordinators (\`ludus train --redis\`, \`ludus tournament --redis\`) must be of one version.
${ENVIRONMENT}

Examples:
  ludus worker --redis redis://10.0.0.5:6379
  ludus worker --redis rediss://redis.lab:6380 --actors 16 --device cuda
  ludus worker --game ./my-game.js              plays a game of your own, too`)
    .addOption(redisOption('the Redis server (default: LUDUS_REDIS, or redis://127.0.0.1:6379)'))
    .addOption(new Option('--actors <n>', 'searching threads (default: one for each core)').argParser(integer(1, 256)))
    .addOption(device())
    .addOption(new Option('--game <module>', 'a game module of your own, repeatable').argParser(collect))
    .option('--blobs <dir>', 'where the folder of networks is mounted here, if elsewhere than on the coordinator')
    .addOption(new Option('--lock-seconds <n>', 'if this worker dies, its jobs go to others after about so long').argParser(integer(1, 3600)).default(15))
    .addOption(new Option('--nice <n>', 'how far other programs of this machine come first, 0 to 19').argParser(integer(0, 19)).default(5))
    .addOption(clusterOption())
    .addOption(json())
    .action(async (options) => (await import('./commands/worker.js')).worker(options));

  const cluster = command(program, 'cluster', 'how the machines of a cluster fare', `
Examples:
  ludus cluster status --redis redis://10.0.0.5:6379
  ludus cluster status --watch`);
  command(cluster, 'status', 'workers, games a second, queues, lag of weights, failures', `
lag: how far the weights of the worker furthest behind are from the newest, in training steps, and for how long newer ones
have been there. unstored: games that came back and are not in the coordinator's store yet.
${ENVIRONMENT}`)
    .addOption(redisOption('the Redis server (default: LUDUS_REDIS, or redis://127.0.0.1:6379)'))
    .addOption(clusterOption())
    .option('--watch', 'again every two seconds, until Ctrl-C')
    .addOption(json())
    .action(async (options) => (await import('./commands/cluster.js')).status(options));

  command(program, 'inspect <game>', 'look into a model that MuZero learned', `
Plays episodes by search in the learned model and dreams along: from each position the model steps itself through the
actions that were then played. What it dreamt of rewards and values is held against what came, and the raw policy against
the one after the search.

Examples:
  ludus inspect cartpole --agent mz:runs/cartpole,sims=50
  ludus inspect tic-tac-toe --agent mz:runs/tic-tac-toe --episodes 20 --ply 3 --json`)
    .requiredOption('--agent <agent>', 'a learned model: mz:PATH')
    .addOption(new Option('--episodes <n>', 'episodes to play').argParser(integer(1)).default(5))
    .addOption(new Option('--steps <n>', 'latent steps of each dream').argParser(integer(1, 500)).default(20))
    .addOption(new Option('--ply <n>', 'which position of the first episode to show').argParser(integer(0)))
    .addOption(seed())
    .addOption(device())
    .addOption(json())
    .action(async (game, options) => (await import('./commands/inspect.js')).inspect(game, options));

  command(program, 'eval <game>', 'judge an agent on positions with exact scores or known best moves', `
FILE is a CSV with the columns moves,scores (seven fields by ";" from the view of the side to move, empty = full column),
or lines "MOVES SCORE" with the position's exact value, where each move is then judged by the solver. Without FILE: all 4,520
unfinished positions of tic-tac-toe, or the 306 of Connect Four by which a run measures its checkpoints.
optimal: share of chosen moves with the best score. outcome: share that keep the game's theoretical result.
In chess FILE has the columns fen,best: moves in UCI's coordinates, several divided by ";"; optimal is the share of positions
in which one of them was chosen.
A task of one is judged by the returns of whole episodes, with the default actions, rewards and time limit.

Examples:
  ludus eval breakout --agent random --episodes 1000 --json
  ludus eval breakout --agent policy:runs/breakout-ppo --episodes 100
  ludus eval tic-tac-toe --agent az:runs/tic-tac-toe,sims=25 --wrong 100
  ludus eval connect4 --agent az:runs/connect4,sims=100 --positions testdata/connect4-positions.csv --plies 8-14
  ludus eval chess --agent az:models/chess,sims=400 --positions testdata/chess-tactics.csv
  ludus eval chess --agent uci:stockfish,nodes=1000 --positions testdata/chess-tactics.csv --json`)
    .requiredOption('--agent <agent>', 'agent to judge')
    .option('--positions <file>', 'positions with exact scores or best moves')
    .addOption(new Option('--episodes <n>', 'tasks of one: so many whole episodes (default 100)').argParser(integer(1)))
    .addOption(new Option('--plies <range>', 'only positions with this many plies, e.g. 8-14'))
    .addOption(new Option('--rows <which>', 'only the odd or the even rows of the file').choices(['all', 'odd', 'even']).default('all'))
    .addOption(new Option('--limit <n>', 'only n positions, spread evenly').argParser(integer(1)))
    .addOption(new Option('--wrong <n>', 'name at most so many moves that gave the result away').argParser(integer(0)).default(10))
    .addOption(seed())
    .addOption(threads())
    .addOption(device())
    .addOption(json())
    .action(async (game, options) => (await import('./commands/eval.js')).evaluate(game, options));

  addSweepCommand(program, { command, json, set });

  command(program, 'chart <runs...>', 'draw error against minutes of training', `
From the measured checkpoints of a run: the share of positions with a known result that its move gives away, over training time,
with the 95 % interval that so many positions allow; of several runs their mean and its standard error. Instead of a run, a CSV
file with the columns minutes,outcome,positions.

Examples:
  ludus chart runs/connect4 --out error.svg
  ludus chart runs/seed-1 runs/seed-2 runs/seed-3 --out error.svg --title "Connect Four, three seeds"
  ludus chart docs/images/time-to-strength.csv --out docs/images/time-to-strength.svg`)
    .option('--out <file>', 'the picture, as SVG', 'chart.svg')
    .option('--title <text>', 'title of the picture')
    .addOption(json())
    .action(async (runs, options) => (await import('./commands/chart.js')).chart(runs, options));

  command(program, 'bench [what]', 'measure this machine: selfplay, inference, training, replay, search, games, chess, chess-search, classical, minatar, browser', `
Without a name, everything in turn. Ratios are taken side by side within one run, since machines are noisy.

Example:
  ludus bench selfplay --json`)
    .addOption(new Option('--seconds <s>', 'time for each benchmark').argParser(positive).default(30))
    .addOption(device())
    .addOption(json())
    .action(async (what, options) => (await import('./commands/bench.js')).bench(what, options));

  command(program, 'perft [fen] [depth]', 'count the leaves of the tree of legal chess moves', `
The usual check of a move generator. FEN is a position, or the word startpos; the leaves below each move are listed too
("divide"). At the last ply moves are counted, not made. With --file, a CSV with the columns fen,depth,nodes is counted and
compared; exit code 1 when a figure differs.

Examples:
  ludus perft startpos 5
  ludus perft "r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1" 4
  ludus perft --file testdata/chess-perft.csv --json`)
    .option('--file <csv>', 'positions with their counts: fen,depth,nodes')
    .option('--chess960', 'read castling rights of kings and rooks on any file (X-FEN, Shredder-FEN)')
    .addOption(json())
    .action(async (fen, depth, options) => (await import('./commands/perft.js')).perft(fen, depth, options));

  const exporting = command(program, 'export', 'write what plays elsewhere: a page for any web host', `
Example:
  ludus export web --game connect4 --agent az:models/connect4 --out public`);
  command(exporting, 'web', 'the page as plain files: people play without a server', `
Writes a folder that any host can serve, from any address: the page, the WebAssembly runtime (14 MB, fetched only when a
network is to think), and the named networks. Agents think in the visitor's browser, on one thread; no special headers are
needed. Tree search and exact solvers are in the page anyway; beside a model with
graded opponents (strengths.json) these are offered too. An earlier export in the folder is replaced, nothing else is.

Examples:
  ludus export web --game connect4 --agent az:models/connect4 --out public
  ludus export web --game connect4 --agent az:runs/connect4,sims=400 --agent az:runs/connect4@step=2000 --out public`)
    .requiredOption('--game <game>', 'game id')
    .addOption(new Option('--agent <agent>', 'network to take along, repeatable: az:PATH or policy:PATH').argParser(collect).default([], 'none'))
    .requiredOption('--out <folder>', 'folder to write')
    .option('--no-levels', 'leave out the graded opponents of the models')
    .addOption(json())
    .action(async (options) => (await import('./commands/export.js')).exportWeb(options));

  command(program, 'solve <game> [moves]', 'exact score of every move of a position', `
Scores are for the side to move: the winner's count of stones left at the end of the quickest win (Connect Four), 0 draw.

Examples:
  ludus solve connect4 44444326
  ludus solve tic-tac-toe "b2 a1"`)
    .addOption(new Option('--nodes <n>', 'give up after this many positions').argParser(integer(1)))
    .addOption(json())
    .action(async (game, moves, options) => (await import('./commands/solve.js')).solve(game, moves ?? '', options));

  const games = command(program, 'games', 'list the games; make and check one of your own', `
Examples:
  ludus games                                   what there is
  ludus games new my-game                       writes my-game.js, a commented template that works
  ludus games check ./my-game.js                runs the contract suite and says what is wrong`)
    .addOption(json())
    .action(async (options) => (await import('./commands/games.js')).list(options));
  command(games, 'new <name>', 'write a commented template of a game', 'Writes NAME.js in this folder; never overwrites a file.')
    .addOption(json())
    .action(async (name, options) => (await import('./commands/games.js')).create(name, options));
  command(games, 'check <game>', 'run the contract suite on a game', 'GAME is an id or the path of a module whose default export is a Game.')
    .addOption(new Option('--episodes <n>', 'random games to play').argParser(integer(1)).default(50))
    .addOption(seed())
    .addOption(json())
    .action(async (game, options) => (await import('./commands/games.js')).check(game, options));

  command(program, 'check-traces <file>', 'compare the MinAtar games with recorded episodes, cell for cell', `
FILE holds one recorded episode a line (JSON), with every random draw.`)
    .addOption(json())
    .action(async (file, options) => (await import('./commands/check-traces.js')).checkTraces(file, options));

  command(program, 'agents', 'how agents are named, with every option', 'An agent is a string everywhere: NAME, or NAME:option=value,… or NAME:PATH,option=value,…')
    .addOption(json())
    .action(async (options) => (await import('./commands/agents.js')).agents(options));

  command(program, 'config [game]', 'every training setting, with its default for a game', 'Use with `ludus train GAME --set key=value`.')
    .option('--algo <name>', 'of this algorithm')
    .option('--markdown', 'print as a Markdown page')
    .addOption(json())
    .action(async (game, options) => (await import('./commands/config.js')).config(game ?? 'connect4', options));

  command(program, 'doctor', 'check this machine: runtimes, devices, disk, ports', 'Run it when something does not work.')
    .addOption(json())
    .action(async (options) => (await import('./commands/doctor.js')).doctor(options));

  return program;
}
