/**
 * What a cluster costs and where it ends, against a real redis-server that this starts and stops. Not part of
 * `ludus bench`: `node dist/bench/cluster/index.js PART [--game G] [--seconds S] [--rounds N]`, PART one of
 *   loop      games a second of two worker processes against the one-process loop, in turns on the same cores
 *   scaling   1, 2, 4 and 8 worker processes
 *   survival  workers killed with -9 at 30 random moments, Redis restarted twice, during a run
 *   messages  jobs a second that Redis carries, and what a cluster of 10, 100 and 1,000 workers asks of it
 * Each prints one JSON object.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { UserError } from '#engine';
import { benchLoop, benchScaling } from './throughput.js';
import { benchMessages } from './messages.js';
import { benchSurvival } from './survival.js';

const parts = { loop: benchLoop, scaling: benchScaling, survival: benchSurvival, messages: benchMessages };

const { values, positionals } = parseArgs({ allowPositionals: true, options: { game: { type: 'string', default: 'connect4' }, seconds: { type: 'string', default: '20' }, rounds: { type: 'string', default: '3' }, kills: { type: 'string', default: '30' } } });
const part = positionals[0] as keyof typeof parts;
if (!(part in parts)) throw new UserError('usage', `name a part: ${Object.keys(parts).join(', ')}`);
const started = performance.now();
const result = await parts[part]({ game: values.game, seconds: Number(values.seconds), rounds: Number(values.rounds), kills: Number(values.kills) });
process.stdout.write(`${JSON.stringify({ part, cores: availableParallelism(), node: process.version, minutes: (performance.now() - started) / 60_000, ...result })}\n`);
process.exit(0);
