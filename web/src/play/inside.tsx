/** Look inside the agent: what it saw, what it tried, what it thinks of each move. */
import { useState } from 'preact/hooks';
import type { AgentView, Analysis, RoomSnapshot } from '#arena/protocol';
import type { Client } from '../app/client.js';
import { Segments, Select, VerdictChip } from '../ui/controls.js';
import { NONE, millis, percent, plural, signed } from '../ui/format.js';
import { DreamFold } from './dream.js';
import { GameGraph } from './graph.js';
import { analysisFor, insightOf, layerNames, layersOf, type GraphPoint, type Insight, type Layer } from './insight.js';
import { SearchTree } from './tree.js';
import { ValueBar } from './value-bar.js';

export interface InsideProps {
  readonly client: Client;
  /** The value over the game. */
  readonly points: readonly GraphPoint[];
  /** Whether trees and opinions may be asked for. */
  readonly mayAsk: boolean;
  readonly snapshot: RoomSnapshot;
  /** The position on the board. */
  readonly ply: number;
  readonly names: readonly [string, string];
  readonly layer: Layer;
  readonly onLayer: (layer: Layer) => void;
  readonly onSeek: (ply: number) => void;
  /** Agents that may be asked; empty when nobody may be asked now. */
  readonly advisers: readonly AgentView[];
  readonly adviser: string;
  readonly onAdviser: (agent: string) => void;
  readonly asking: boolean;
  readonly onAsk: () => void;
}

export function Inside(props: InsideProps) {
  const { snapshot, ply, names, points } = props;
  const analysis = analysisFor(snapshot, ply);
  const insight = analysis === undefined ? undefined : insightOf(analysis);
  return (
    <section class="card inside" aria-labelledby="inside-title">
      <header>
        <h2 id="inside-title">Inside the agent</h2>
        {analysis !== undefined && <span class="small muted">{analysis.agentName}</span>}
      </header>
      <div class="stack">
        <ValueBar game={snapshot.game.id} names={names} value={insight?.value} verdict={insight?.verdict} />
        {analysis === undefined || insight === undefined
          ? <p class="muted">{props.mayAsk ? 'Nothing has been thought yet. After the agent’s first move, what it considered appears here; or ask one for its opinion below.' : 'People play here: what agents think of it can be asked when the game is over.'}</p>
          : <Thoughts {...props} analysis={analysis} insight={insight} />}
        {points.length > 0 && <GameGraph points={points} plies={snapshot.moves.length} ply={ply} names={names} onSeek={props.onSeek} />}
        <DreamFold client={props.client} snapshot={snapshot} ply={ply} names={names} agent={dreamerOf(props.advisers, analysis)} />
        {props.advisers.length > 0 && (
          <div class="ask">
            <Select label="A second opinion on this position" value={props.adviser} onChange={props.onAdviser}>
              {props.advisers.map((a) => <option key={a.id} value={a.id}>{a.name}</option>)}
            </Select>
            <button type="button" class="button" disabled={props.asking || (snapshot.result !== null && ply === snapshot.moves.length)} onClick={props.onAsk}>{props.asking ? 'Thinking …' : 'Ask'}</button>
          </div>
        )}
      </div>
    </section>
  );
}

/** Who can be asked for a dream: whoever thought here, else the newest that has learned a model. */
function dreamerOf(advisers: readonly AgentView[], analysis: Analysis | undefined): AgentView | undefined {
  const dreamers = advisers.filter((a) => a.dreams === true);
  return dreamers.find((a) => a.id === analysis?.agent) ?? dreamers.at(-1);
}

function Thoughts({ client, mayAsk, analysis, insight, snapshot, ply, layer, onLayer, onSeek, names }: InsideProps & { analysis: Analysis; insight: Insight }) {
  const available = layersOf(insight);
  const mover = names[analysis.turn];
  const here = analysis.ply === ply;
  const played = snapshot.moves[analysis.ply]?.action;
  return (
    <>
      <div class="spread small options-of">
        <span>{mover === 'You' ? 'Your' : mover === 'Agent' ? 'The agent’s' : `${mover}’s`} options {analysis.ply === 0 ? 'at the start' : `after ${plural(analysis.ply, 'move')}`}</span>
        {!here && <button type="button" class="button quiet" onClick={() => onSeek(analysis.ply)}>Show</button>}
      </div>
      <MoveTable insight={insight} played={played} />
      {analysis.principalVariation.length > 0 && (
        <p class="line"><span class="label">Expected line </span><span class="number">{analysis.principalVariation.map((move) => move.name).join('  ')}</span></p>
      )}
      <p class="small muted number">
        {analysis.simulations > 0 ? plural(analysis.simulations, 'simulation') : 'No search'} in {millis(analysis.millis)}
      </p>
      {available.length > 1 && (
        <div>
          <Segments legend="Show on the board" small value={available.includes(layer) ? layer : 'off'} choices={available.map((value) => ({ value, label: layerNames[value] }))} onChange={onLayer} />
          {layer !== 'off' && !here && <p class="small muted note">These thoughts belong to an earlier position: choose “Show” to see them on the board.</p>}
        </div>
      )}
      {mayAsk && analysis.simulations > 0 && <TreeFold key={`${analysis.ply} ${analysis.agent} ${analysis.source}`} client={client} analysis={analysis} game={snapshot.game.id} />}
    </>
  );
}

/** Searched again only when somebody wants to see it. */
function TreeFold({ client, analysis, game }: { client: Client; analysis: Analysis; game: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="tree-fold" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Search tree</summary>
      {open && <SearchTree client={client} analysis={analysis} game={game} />}
    </details>
  );
}

/** Rows of a long list that are shown at first. */
const MOST_ROWS = 8;

function MoveTable({ insight, played }: { insight: Insight; played: number | undefined }) {
  const has = layersOf(insight);
  // One scale for all columns of bars, so that they compare: the longest bar is the largest share of any.
  const most = Math.max(0.01, ...insight.moves.flatMap((m) => [m.prior ?? 0, m.share ?? 0, has.includes('policy') ? m.policy ?? 0 : 0]));
  // Chess has thirty moves and more: the best, the one that was played, and the rest on demand.
  const [all, setAll] = useState(false);
  const long = insight.moves.length > MOST_ROWS + 4;
  const weight = (m: Insight['moves'][number]) => (m.best ? 2 : 0) + (m.share ?? m.prior ?? 0);
  const least = long && !all ? [...insight.moves].sort((a, b) => weight(b) - weight(a)).slice(0, MOST_ROWS) : insight.moves;
  const shown = long ? insight.moves.filter((m) => least.includes(m) || m.action === played).sort((a, b) => weight(b) - weight(a)) : insight.moves;
  return (
    <>
    <table class={has.includes('policy') && has.includes('exact') ? 'moves-table six' : 'moves-table'}>
      <thead>
        <tr>
          <th scope="col">Move</th>
          {has.includes('prior') && <th scope="col" title="What the network would play at first sight">Prior</th>}
          {has.includes('visits') && <th scope="col" title="Share of the simulations that tried it">Visits</th>}
          {has.includes('policy') && <th scope="col" title="What the search recommends in the end, and what the network is taught">After search</th>}
          {has.includes('value') && <th scope="col" title="Mean value Q, for the player to move, from −1 to +1">Value</th>}
          {has.includes('exact') && <th scope="col" title="Result with perfect play">Exact</th>}
        </tr>
      </thead>
      <tbody>
        {shown.map((move) => (
          <tr key={move.action} class={move.best ? 'best' : undefined}>
            <th scope="row">{move.name}{move.action === played && <span class="tag">played</span>}</th>
            {has.includes('prior') && <td class="bar-cell"><Bar kind="prior" share={move.prior} most={most} /></td>}
            {has.includes('visits') && <td class="bar-cell" title={plural(move.visits, 'simulation')}><Bar kind="visits" share={move.share} most={most} /></td>}
            {has.includes('policy') && <td class="bar-cell"><Bar kind="visits" share={move.policy} most={most} /></td>}
            {has.includes('value') && <td class="q">{signed(move.value)}</td>}
            {has.includes('exact') && <td>{move.verdict === undefined ? NONE : <VerdictChip verdict={move.verdict} title={move.exact === undefined ? 'Proved by the search' : `Solver’s score ${signed(move.exact, 0)}`} />}</td>}
          </tr>
        ))}
      </tbody>
    </table>
    {long && <button type="button" class="button quiet" onClick={() => setAll(!all)}>{all ? 'Only the best' : `All ${insight.moves.length} moves`}</button>}
    </>
  );
}

function Bar({ kind, share, most }: { kind: 'prior' | 'visits'; share: number | undefined; most: number }) {
  return (
    <div class={`bar ${kind}`}>
      <div class="bar-fill" style={{ width: `${(((share ?? 0) / most) * 100).toFixed(1)}%` }} />
      <span>{percent(share)}</span>
    </div>
  );
}
