/**
 * Measures a game's graded opponents: everybody of MODEL/strengths.json, levels and references, meets everybody, and the
 * ratings (Bradley and Terry with the first mover's advantage, random = 0, 95 % half-widths by pairs) are written back into
 * the file. The ledger survives any kill: the same command goes on.
 *
 *   node dist/bench/strengths.js models/connect4 --pairs 20
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';
import { type LevelRating, type Strengths, STRENGTHS_FILE, checkTournament, levelSpec, modelHash, printAgentSpec, rateLedgers, readStrengths, runTournament } from '#arena';
import { UserError } from '#engine';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { pairs: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' }, threads: { type: 'string' }, out: { type: 'string', default: 'runs/strengths' } },
});

async function main(): Promise<void> {
  const folder = normalize(positionals[0] ?? '').replace(/[/\\]$/, '');
  const list = readStrengths(folder);
  if (list === undefined) throw new UserError('usage', `${join(folder, STRENGTHS_FILE)} is not there: name the folder of a model, such as models/connect4`);
  const [pairs, seed] = [Number(values.pairs), Number(values.seed)];
  const agents = [...list.references.map(({ agent }) => ({ agent })), ...list.levels.map((level) => ({ agent: printAgentSpec(levelSpec(level, folder)), name: level.name }))];
  mkdirSync(values.out, { recursive: true });
  const ledger = join(values.out, `${basename(folder)}.jsonl`);
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  const config = checkTournament({ game: list.game, name: `${list.game}: graded opponents`, agents, pairs, seed, ...(values.threads === undefined ? {} : { threads: Number(values.threads) }) }, 'the levels');
  let games = 0;
  const { report, seconds } = await runTournament({
    config, ledger, version,
    onGame: () => {
      if (++games % 50 === 0) process.stderr.write(`${games} games in this sitting\n`);
    },
  });
  const { players } = rateLedgers([ledger], { model: 'bt', anchors: { random: 0 } });
  const anchored = players.find((p) => p.agent === 'random')?.group;
  // A ledger names a model by its folder's last part. Ratings compare within a group only: who beat everybody below in every game has none.
  const of = (name: string): LevelRating | null => {
    const player = players.find((p) => p.name === name) ?? players.find((p) => p.agent === name.replace(folder, basename(folder)));
    if (player === undefined || player.elo === null || player.group !== anchored) return null;
    return { elo: Math.round(player.elo), error: Math.round(player.error ?? 0), games: player.games };
  };
  const written: Strengths = {
    ...list,
    model: modelHash(folder) ?? '',
    measured: `node dist/bench/strengths.js ${folder} --pairs ${pairs} --seed ${seed}: all against all, ${pairs} pairs each, ${report.pairs * 2} games; Elo by Bradley and Terry, random = 0, error = 95 % half-width by pairs`,
    references: list.references.map(({ agent }) => ({ agent, rating: of(agent) })),
    levels: list.levels.map((level) => ({ ...level, rating: of(level.name) })),
  };
  writeFileSync(join(folder, STRENGTHS_FILE), `${JSON.stringify(written, null, 2)}\n`);
  for (const { name, agent, rating } of [...written.references.map((r) => ({ ...r, name: '' })), ...written.levels]) {
    process.stdout.write(`${name.padEnd(12)} ${agent.padEnd(48)} ${rating === null ? 'no rating' : `${rating.elo} ± ${rating.error} (${rating.games} games)`}\n`);
  }
  process.stderr.write(`${seconds.toFixed(0)} s\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof UserError ? error.message : String((error as Error).stack)}\n`);
  process.exitCode = error instanceof UserError ? 2 : 1;
});
