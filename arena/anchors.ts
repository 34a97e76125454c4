/**
 * Opponents whose strength is known on one scale a game, random = 0, so that ratings compare between runs.
 * Measured by exam/gauge.ts, whose head has the commands; 95 % half-widths 36–39 (tic-tac-toe) and 81–112 (Connect Four).
 */
const scales: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'tic-tac-toe': { 'random': 0, 'uct:sims=10': 333, 'uct:sims=30': 498, 'uct:sims=100': 547, 'solver': 629 },
  'connect4': {
    'random': 0, 'uct:sims=10': 416, 'uct:sims=30': 713, 'uct:sims=100': 930, 'uct:sims=300': 1059, 'uct:sims=1000': 1232, 'uct:sims=3000': 1358,
  },
};

/** An anchor's Elo, by its canonical string; undefined when it was not measured for the game. */
export function anchorElo(gameId: string, agent: string): number | undefined {
  const scale = new Map(Object.entries(scales[gameId] ?? {}));
  return scale.get(agent);
}
