#!/usr/bin/env node
// A UCI engine for the tests: it plays the move that the environment's FAKE_MOVE says, or misbehaves as FAKE_FAULT says.
import { createInterface } from 'node:readline';

const fault = process.env.FAKE_FAULT ?? '';
const say = (line) => process.stdout.write(`${line}\n`);
let heard = [];
createInterface({ input: process.stdin }).on('line', (line) => {
  const [word] = line.split(' ');
  heard.push(line);
  if (word === 'uci' && fault !== 'mute') {
    say('id name Fake 1');
    say('option name Hash type spin default 16 min 1 max 1024');
    say('option name UCI_LimitStrength type check default false');
    say('option name UCI_Elo type spin default 1320 min 1320 max 3190');
    say('option name Skill Level type spin default 20 min 0 max 20');
    say('option name Style type combo default Normal var Solid var Normal var Risky');
    say('\u0000 garbage \u001b[31m that no one asked for');
    say('uciok');
  }
  if (word === 'isready') say('readyok');
  if (word === 'quit' && fault !== 'immortal') process.exit(0);
  if (word === 'stop' && fault === 'late') say('bestmove e2e4');
  if (word !== 'go') return;
  if (fault === 'echo') process.stderr.write(`${heard.join(' | ')}\n`);
  heard = [];
  if (fault === 'crash') {
    process.stderr.write('assertion failed: board.ok\n');
    process.exit(3);
  }
  if (fault === 'stall' || fault === 'late') return;
  if (fault === 'babble') {
    const blather = 'info string blah blah\n'.repeat(10_000);
    const more = () => process.stdout.write(blather, more);
    more();
    return;
  }
  if (fault === 'endless') {
    const more = () => process.stdout.write('x'.repeat(100_000), more);
    more();
    return;
  }
  say('info depth 1 score cp 900 multipv 2 nodes 5 pv a2a3');
  say('info depth 7 seldepth 9 score cp 34 nodes 1234 nps 99999 pv e2e4 e7e5');
  say(`bestmove ${process.env.FAKE_MOVE ?? 'e2e4'} ponder e7e5`);
});
