/** Real tournaments on disk, played by the arena's own functions in this thread, for the browser tests and the screenshots. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRng } from '#engine';
import { AgentFailure, checkTournament, createAgent, replay, runTournament, writeRatingList, type PlayerStarter, type TournamentInput } from '#arena';
import { loadGame } from '#games';

/** Agents in this thread; one called `remote:flaky` falls over in every seventh game. */
const start: PlayerStarter = async (spec, { game: id }) => {
  const game = await loadGame(id);
  const flaky = !('options' in spec);
  const agent = await createAgent(flaky ? 'random' : spec, game);
  let asked = 0;
  return {
    name: agent.name,
    chooseMany: async (requests) => {
      if (flaky && ++asked % 7 === 0) throw new AgentFailure('crash', 'its process ended with code 139');
      return agent.chooseMany(requests.map((r) => ({ state: replay(game, r.position), rng: createRng(r.seed) })));
    },
    close: () => agent.close(),
  };
};

export interface Ledgers {
  /** The folder of tournaments/, and of a run that has some. */
  readonly workDir: string;
  readonly runDir: string;
  readonly league: string;
  /** As if another process wrote the league just now. */
  playing(): void;
  play(name: string, input: Partial<TournamentInput>): Promise<string>;
  remove(): void;
}

export async function playLedgers(league: Partial<TournamentInput> = {}): Promise<Ledgers> {
  const workDir = mkdtempSync(join(tmpdir(), 'ludus-ledgers-'));
  const runDir = join(workDir, 'runs', 'mine');
  mkdirSync(join(runDir, 'tournaments'), { recursive: true });
  writeFileSync(join(runDir, 'run.json'), '{}');
  const play = async (file: string, input: Partial<TournamentInput>): Promise<string> => {
    const config = checkTournament({ game: 'tic-tac-toe', agents: ['random', 'uct:sims=4', 'uct:sims=20'], pairs: 12, ...input }, 'test');
    const ledger = join(workDir, file);
    await runTournament({ config, ledger, version: 'test', start });
    return ledger;
  };
  const file = await play('tournaments/league.jsonl', { name: 'Evening league', agents: ['random', { agent: 'remote:flaky', name: 'flaky' }, 'uct:sims=4', 'uct:sims=20', 'solver'], ...league });
  await play('tournaments/exploration.jsonl', { format: 'sprt', agents: ['uct:sims=8,c=1', 'uct:sims=8'], pairs: 40, sprt: { elo0: 0, elo1: 30 } });
  writeRatingList(await play('runs/mine/tournaments/newest.jsonl', {}));
  return {
    workDir, runDir, league: file, play,
    playing: () => writeFileSync(`${file}.lock`, JSON.stringify({ pid: process.pid, host: hostname() })),
    remove: () => rmSync(workDir, { recursive: true, force: true }),
  };
}
