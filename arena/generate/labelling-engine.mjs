#!/usr/bin/env node
// A UCI engine for the tests: it ranks legal moves (by chess.js) in an order that the position alone decides, and misbehaves
// as the environment says: LABEL_FAULT (crash, stall, illegal) at the LABEL_AT-th search of a process.
import { createInterface } from 'node:readline';
import { Chess } from 'chess.js';

const say = (line) => process.stdout.write(`${line}\n`);
let fen = '';
let lines = 1;
let searches = 0;
createInterface({ input: process.stdin }).on('line', (line) => {
  const [word] = line.split(' ');
  if (word === 'uci') say('id name Labeller\noption name MultiPV type spin default 1 min 1 max 256\nuciok');
  if (word === 'isready') say('readyok');
  if (word === 'quit') process.exit(0);
  if (line.startsWith('setoption name MultiPV value ')) lines = Number(line.split(' ').at(-1));
  if (line.startsWith('position fen ')) fen = line.slice('position fen '.length);
  if (word !== 'go') return;
  if (++searches === Number(process.env.LABEL_AT)) {
    if (process.env.LABEL_FAULT === 'crash') process.exit(3);
    if (process.env.LABEL_FAULT === 'stall') return;
    if (process.env.LABEL_FAULT === 'illegal') return say('info depth 1 multipv 1 score cp 0 pv e2e5\nbestmove e2e5');
  }
  const sum = [...fen].reduce((a, c) => (a * 31 + c.charCodeAt(0)) % 100_003, 7);
  const moves = new Chess(fen).moves({ verbose: true }).map((move) => move.from + move.to + (move.promotion ?? ''));
  for (let i = 0; i < Math.min(lines, moves.length); i++) {
    say(`info depth 3 multipv ${i + 1} score cp ${(sum % 200) - 100 - 20 * i} lowerbound nodes 9 pv a1a1`);
    say(`info depth 3 seldepth 4 multipv ${i + 1} score cp ${(sum % 200) - 100 - 20 * i} nodes 9 nps 9 pv ${moves[(sum + i) % moves.length]} a1a1`);
  }
  say(`bestmove ${moves[sum % moves.length]}`);
});
