/** `ludus export web`: the page with its networks as plain files, for any host; people play without a server. */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError, type Game } from '#engine';
import { levelSpec, levelView, parseAgentSpec, printAgentSpec, readStrengths, resolveModel } from '#arena';
import { OFFLINE_FILE, OFFLINE_META, answersOf, type AgentView, type OfflineManifest } from '#arena/protocol';
import { allGames, solverFor } from '#games';
import { readModel } from '#selfplay/checkpoint';
import { makeFolder } from '#selfplay/system';
import { printResult } from '../output.js';
import { gameOf } from '../setup.js';

interface ExportCommand {
  readonly game: string;
  readonly agent: readonly string[];
  readonly out: string;
  readonly levels: boolean;
  readonly json?: boolean;
}

const packageRoot = new URL('../../../', import.meta.url);
/** Of a person's opponent: what the server takes too. */
const DEFAULT_SIMULATIONS = 200;
const MAX_SIMULATIONS = 10_000;

/** As strict as the server's own, and WebAssembly; a worker's policy is its host's business. */
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'";

export async function exportWeb(options: ExportCommand): Promise<void> {
  const { game } = await gameOf(options.game);
  if (!(await allGames()).some((known) => known.id === game.id && known.version === game.version)) {
    throw new UserError('usage', `${game.name} is a game of your own: the page has only those that come with Ludus.`);
  }
  const webRoot = fileURLToPath(new URL('dist/web', packageRoot));
  if (!existsSync(join(webRoot, 'index.html'))) throw new UserError('environment', `the web application is not built (${webRoot}); run \`npm run build\`.`);
  const version = (JSON.parse(readFileSync(new URL('package.json', packageRoot), 'utf8')) as { version: string }).version;
  // Everything is read and checked before the first file is written.
  const networks = options.agent.map((text, i) => networkOf(text, game, i, options.agent.length));
  const manifest: OfflineManifest = {
    format: 1, version,
    games: [{ id: game.id, name: game.name, version: game.version, seats: game.seats, solved: solverFor(game) !== undefined }],
    agents: [...networks.map(({ entry }) => entry), ...(options.levels ? levelsOf(networks, game) : [])],
  };
  prepare(options.out);
  cpSync(webRoot, options.out, { recursive: true, filter: (path) => !path.endsWith('.map') });
  mkdirSync(join(options.out, 'models'), { recursive: true });
  for (const { address, model } of networks) writeFileSync(join(options.out, address), model);
  writeFileSync(join(options.out, 'index.html'), offlinePage(readFileSync(join(webRoot, 'index.html'), 'utf8'), game));
  writeFileSync(join(options.out, OFFLINE_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
  const bytes = sizeOf(options.out);
  const levels = manifest.agents.filter(({ view }) => view.group === 'graded');
  printResult(options.json === true, { out: options.out, game: game.id, agents: manifest.agents.map(({ view, spec, model }) => ({ id: view.id, spec, model })), bytes }, () =>
    `${game.name} with ${networks.length === 0 ? 'tree search' : networks.map(({ entry }) => entry.view.name).join(', ')}${levels.length === 0 ? '' : ` and ${levels.length} graded opponents`} is in ${options.out} (${(bytes / 1e6).toFixed(1)} MB).
Copy the folder to any web host, into any folder of it. To look at it here:
  python3 -m http.server --directory ${options.out} 8000     then open http://localhost:8000`);
}

interface Network {
  readonly entry: OfflineManifest['agents'][number];
  readonly model: Uint8Array;
  /** Of the model, in the page. */
  readonly address: string;
  /** Where it came from. */
  readonly folder: string;
}

function networkOf(text: string, game: Game, index: number, of: number): Network {
  const spec = parseAgentSpec(text, { trusted: true });
  if (!('model' in spec)) throw new UserError('usage', `agent '${text}' has no network to export; tree search, random play and exact solvers are in the page anyway. Name one like az:models/connect4`);
  const searches = spec.kind === 'az';
  if (searches && spec.options.time > 0) throw new UserError('usage', `agent '${text}': give its strength as sims=N; whoever plays can choose time in the page`);
  const { path } = resolveModel(spec.model, game);
  const { manifest, model } = readModel(path);
  const simulations = searches ? Math.min(MAX_SIMULATIONS, spec.options.sims) : undefined;
  // The file's name tells where it came from; what is kept of its path is only what may stand in an address.
  const name = (spec.model.path.split(/[/\\]/).filter((part) => part !== '').at(-1) ?? 'model').replaceAll(/[^A-Za-z0-9._-]/g, '-');
  const id = of === 1 ? name : `${name}-${index + 1}`;
  const view: AgentView = {
    id: `model:${id}`, game: game.id, kind: searches ? 'network' : 'policy', group: 'shipped', checkpoint: null, model: true,
    name: name.replaceAll(/[-_]/g, ' ').trim() || 'network',
    description: `${searches ? 'A trained network with tree search' : 'A trained network alone, without search'}, after ${manifest.games.toLocaleString('en')} games. It thinks in this browser.`,
    simulations: simulations === undefined ? null : { min: 1, max: MAX_SIMULATIONS, default: simulations === 0 ? DEFAULT_SIMULATIONS : simulations },
  };
  const address = `models/${id}.onnx`;
  const printed = printAgentSpec({ ...spec, model: { path: address } });
  return { entry: { view, spec: printed.replace(/,(sims|time)=\d+/g, ''), answers: answersOf(manifest.algorithm), model: address }, model, address, folder: path };
}

/** The graded opponents that lie beside the exported models, as the server offers them: but those that do not play in a browser. */
function levelsOf(networks: readonly Network[], game: Game): OfflineManifest['agents'] {
  const folders = new Map(networks.map((network) => [network.folder, network]));
  return [...folders].flatMap(([folder, { address, entry: { view: { id }, answers } }]) => {
    const list = readStrengths(folder);
    if (list?.game !== game.id) return [];
    return list.levels.flatMap((level): OfflineManifest['agents'] => {
      const spec = levelSpec(level, folder);
      const tooLong = 'sims' in spec.options && spec.options.sims > MAX_SIMULATIONS;
      if (spec.kind === 'mz' || spec.kind === 'human' || tooLong) return [];
      const view = levelView(id.replace(/^model/, 'level').concat(`:${level.id}`), game.id, level, spec);
      if (!('model' in spec)) return [{ view, spec: printAgentSpec(spec), answers }];
      return [{ view, spec: printAgentSpec({ ...spec, model: { path: address } }), answers, model: address }];
    });
  });
}

/** An empty folder, or one that an export made: nothing else is overwritten. */
function prepare(folder: string): void {
  if (existsSync(folder)) {
    if (!statSync(folder).isDirectory()) throw new UserError('usage', `'${folder}' is a file; --out names a folder`);
    if (readdirSync(folder).length > 0 && !existsSync(join(folder, OFFLINE_FILE))) {
      throw new UserError('usage', `'${folder}' holds other things than an export; name a new folder, or an empty one`);
    }
    for (const entry of ['assets', 'models', 'index.html', OFFLINE_FILE]) rmSync(join(folder, entry), { recursive: true, force: true });
  }
  makeFolder(folder);
}

/** The built page, told that there is no server, under a policy of its own since no host sends one. */
function offlinePage(html: string, game: Game): string {
  const head = `<head>\n    <meta http-equiv="Content-Security-Policy" content="${POLICY}" />\n    <meta name="${OFFLINE_META}" content="${OFFLINE_FILE}" />`;
  return html.replace('<head>', head).replace(/<meta name="description"[^>]*>/, `<meta name="description" content="Play ${game.name} against an agent that thinks in your browser." />`);
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).reduce((sum, entry) => sum + (entry.isFile() ? statSync(join(entry.parentPath, entry.name)).size : 0), 0);
}
