/** What a learned model imagines of the moves that were played, beside what came: small plots, and the same as a table. */
import { useEffect, useState } from 'preact/hooks';
import type { AgentView, RoomSnapshot, ServerMessageOf } from '#arena/protocol';
import type { Client } from '../app/client.js';
import { plural, signed } from '../ui/format.js';
import { dreamOf, type DreamRow } from './insight.js';

/** Where the last position is on the board, the dream begins so many moves before it. */
const LOOK_BACK = 8;

export function DreamFold({ client, snapshot, ply, names, agent }: { client: Client; snapshot: RoomSnapshot; ply: number; names: readonly [string, string]; agent: AgentView | undefined }) {
  const [open, setOpen] = useState(false);
  const plies = snapshot.moves.length;
  if (agent === undefined || plies === 0) return null;
  const from = ply < plies ? ply : Math.max(0, plies - LOOK_BACK);
  return (
    <details class="tree-fold" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>The model’s dream</summary>
      {open && <Dream key={`${snapshot.gameNumber} ${from} ${plies} ${agent.id}`} client={client} from={from} names={names} agent={agent} seats={snapshot.seats.length} />}
    </details>
  );
}

function Dream({ client, from, names, agent, seats }: { client: Client; from: number; names: readonly [string, string]; agent: AgentView; seats: number }) {
  const [told, setTold] = useState<ServerMessageOf<'dream'>>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    let current = true;
    void client.dream(from, agent.id).then((answer) => {
      if (!current) return;
      if ('refused' in answer) setProblem(answer.refused);
      else setTold(answer);
    });
    return () => void (current = false);
  }, []);
  if (problem !== undefined) return <p class="problem small">{problem}</p>;
  if (told === undefined) return <p class="muted small" role="status">Dreaming …</p>;
  const dream = dreamOf(told);
  const view = seats === 2 ? `, as ${names[0] === 'You' ? 'you see' : `${names[0]} sees`} them` : '';
  return (
    <div class="dream">
      <p class="small">
        {agent.name} saw the position {from === 0 ? 'at the start' : `after ${plural(from, 'move')}`}, then imagined the {plural(dream.rows.length - 1, 'move')} that were played without looking again.
        {' '}Its values are off by {dream.valueGap.toFixed(2)} on average, its rewards by {dream.rewardGap.toFixed(2)}{view}.
      </p>
      <DreamLegend />
      <StepPlot title="Value" rows={dream.rows} imagined={(row) => row.value} real={(row) => row.seenValue} />
      <StepPlot title="Reward" rows={dream.rows.slice(1)} imagined={(row) => row.reward} real={(row) => row.realReward} />
      <details>
        <summary>As a table</summary>
        <DreamTable rows={dream.rows} />
      </details>
    </div>
  );
}

/** The two lines by which both plots are read. */
export const DreamLegend = () => <div class="dream-legend small muted" aria-hidden="true"><span class="dream-key imagined">imagined</span><span class="dream-key real">when really seen</span></div>;

const WIDTH = 340;
const HEIGHT = 76;

/**
 * Two lines over the steps of the dream: dashed with rings what was imagined, whole with dots what came. Zero is in the middle,
 * unless `fitted`: then the axis holds zero and what there is.
 */
export function StepPlot({ title, rows, imagined, real, fitted = false }: { title: string; rows: readonly DreamRow[]; imagined: (row: DreamRow) => number; real: (row: DreamRow) => number; fitted?: boolean }) {
  const first = rows[0].step;
  const last = rows[rows.length - 1].step;
  const all = rows.flatMap((row) => [imagined(row), real(row)]);
  const most = Math.max(1, ...all.map(Math.abs));
  const [low, high] = fitted ? [Math.min(0, ...all), Math.max(1, ...all)] : [-most, most];
  const x = (step: number) => (last === first ? WIDTH / 2 : 8 + ((step - first) / (last - first)) * (WIDTH - 16));
  const y = (value: number) => HEIGHT - 7 - ((value - low) / (high - low)) * (HEIGHT - 14);
  const line = (of: (row: DreamRow) => number) => rows.map((row, i) => `${i === 0 ? 'M' : 'L'}${x(row.step).toFixed(1)} ${y(of(row)).toFixed(1)}`).join('');
  const end = rows[rows.length - 1];
  return (
    <figure class="dream-plot">
      <figcaption class="small"><span class="label">{title}</span><span class="muted number">{fitted ? `${signed(low, 1)} to ${signed(high, 1)}` : most === 1 ? '−1 to +1' : `±${most.toFixed(1)}`}</span></figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${title} by step, from ${first} to ${last}: imagined ${signed(imagined(rows[0]))} at first and ${signed(imagined(end))} in the end, really ${signed(real(rows[0]))} and ${signed(real(end))}. Every step is in the table below.`}>
        <path class="graph-zero" d={`M0 ${y(0)}H${WIDTH}`} />
        <path class="dream-real" d={line(real)} />
        <path class="dream-imagined" d={line(imagined)} />
        {rows.map((row) => <circle key={`r${row.step}`} class="dream-real" cx={x(row.step)} cy={y(real(row))} r="2.5" />)}
        {rows.map((row) => <circle key={`i${row.step}`} class="dream-imagined" cx={x(row.step)} cy={y(imagined(row))} r="4" />)}
      </svg>
      <div class="dream-axis small muted number" aria-hidden="true"><span>{first}</span><span>steps of the dream</span><span>{last}</span></div>
    </figure>
  );
}

export function DreamTable({ rows, of = 'Move' }: { rows: readonly DreamRow[]; of?: string }) {
  return (
    <table class="dream-table number">
      <thead>
        <tr><th scope="col">Step</th><th scope="col">{of}</th><th scope="col">Value imagined</th><th scope="col">seen</th><th scope="col">Reward imagined</th><th scope="col">real</th></tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.step}>
            <th scope="row">{row.step}</th><td>{row.name}</td><td>{signed(row.value)}</td><td>{signed(row.seenValue)}</td>
            {row.step === 0 ? <><td /><td /></> : <><td>{signed(row.reward)}</td><td>{signed(row.realReward)}</td></>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
