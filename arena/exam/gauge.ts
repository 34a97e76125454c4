/**
 * Measures the Elo of anchors on one scale, random = 0: every agent plays its two neighbours on the ladder, and all games
 * are rated together (Bradley and Terry, with the first mover's advantage). Made the table in anchors.ts:
 *
 *   node dist/arena/exam/gauge.js connect4 100 random uct:sims=10 uct:sims=30 uct:sims=100 uct:sims=300 uct:sims=1000 uct:sims=3000
 *   node dist/arena/exam/gauge.js tic-tac-toe 200 random uct:sims=10 uct:sims=30 uct:sims=100 solver
 */
import { runMatch } from '../match.js';
import { type RatedGame, rateTournament } from '../ratings/index.js';

const [game, pairs, ...agents] = process.argv.slice(2);
const games: RatedGame[] = [];
for (const [i, a] of agents.entries()) {
  for (const b of agents.slice(i + 1, i + 3)) {
    await runMatch({
      game, a, b, pairs: Number(pairs), seed: `${a} ${b}`,
      onGame: ({ pair, leg, score }) => {
        const [first, second] = leg === 0 ? [a, b] : [b, a];
        games.push({ first, second, score: leg === 0 ? score : 1 - score, cluster: `${a} ${b} ${pair}` });
      },
    });
  }
}
const { players, groups } = rateTournament(games, { model: 'bt', anchors: { random: 0 } });
for (const p of players) process.stdout.write(`'${p.name}': ${p.elo?.toFixed(0)}, // ± ${((p.se ?? 0) * 1.96).toFixed(0)}\n`);
process.stdout.write(`first mover: ${groups[0].advantage?.toFixed(0)} Elo\n`);
