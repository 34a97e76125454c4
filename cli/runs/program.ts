/** The commands that look at a run afterwards. */
import { type Command, Option } from 'commander';

interface Shared {
  command(parent: Command, usage: string, summary: string, help: string): Command;
  json(): Option;
}

export function addRunCommands(program: Command, { command, json }: Shared): void {
  command(program, 'diagnose <run>', 'say what is wrong with a run, and what to change', `
Looks at a run's latest checkpoint, its newest games and its metrics, and changes nothing in it; the run may be training meanwhile.
Each finding is ok, unknown (too little to tell), a warning or a problem, with the figure, what it was held against, what it
means, and which setting to change:

  checkpoint         does what plays agree with what was trained?
  overfit-batch      can a copy of the network learn one batch by heart? If not: learning rate, weights, or network?
  value-sign         do values rise with the outcome, for each seat?         value-calibration  do they promise what comes?
  policy-entropy     has the network's policy collapsed, or not moved?       target-entropy     and the search's?
  search-gain        does the network with search beat the network alone?
  replay-age, replay-reuse, variety        are games fresh, used often enough and not too often, and different?
  losses-finite, losses-fall               has training blown up, does it diverge, does it stand still?
  idle, batch-fill, processor              does an actor or the learner wait for work, or for the machine?

Takes half a minute for Connect Four on a free core. A run that learns a task is judged by its checkpoint and its metrics.

Exit codes: 0 no problem found (there may be warnings) · 1 at least one problem · 2 a wrong word · 3 not a run, an empty one, or
a damaged or foreign checkpoint or store · 130 interrupted

Examples:
  ludus diagnose runs/connect4
  ludus diagnose runs/connect4 --json | jq '.findings[] | select(.level != "ok")'`)
    .addOption(json())
    .action(async (run, options) => (await import('../commands/diagnose.js')).diagnoseRun(run, options));

  command(program, 'report <run>', 'write a run as one HTML page: curves, games, settings, hashes', `
The page holds everything and asks no server for anything: send it to somebody, keep it beside a paper. Curves with their
tables, where the time went, some early and some late games to step through (arrow keys), every setting and the command that
makes the same run, the checkpoints with their hashes, version and machine; with --diagnose also the findings. A run that
learns a task shows returns instead of games. Nothing in the run changes.

Examples:
  ludus report runs/connect4
  ludus report runs/connect4 --diagnose --out connect4-seed1.html`)
    .option('--out <file>', 'file to write; an older one is replaced (default: the run\'s name, .html)')
    .option('--diagnose', 'diagnose the run too (see `ludus diagnose`)')
    .addOption(json())
    .action(async (run, options) => (await import('../commands/report.js')).report(run, options));
}
