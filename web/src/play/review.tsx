/** After the game: what every move was worth, the worst first. */
import { useState } from 'preact/hooks';
import type { AgentView } from '#arena/protocol';
import type { Client } from '../app/client.js';
import type { Review } from '../app/state.js';
import { PieceIcon } from '../board/piece.js';
import { Select } from '../ui/controls.js';
import { plural, signed } from '../ui/format.js';
import { gradeWords, gradesOf, worstOf } from './grades.js';

export interface ReviewCardProps {
  readonly client: Client;
  readonly game: string;
  readonly names: readonly [string, string];
  readonly review: Review | undefined;
  readonly plies: number;
  readonly ply: number;
  readonly advisers: readonly AgentView[];
  readonly adviser: string;
  readonly onSeek: (ply: number) => void;
}

const SHOWN = 6;

export function ReviewCard({ client, game, names, review, plies, ply, advisers, adviser, onSeek }: ReviewCardProps) {
  const [by, setBy] = useState(adviser);
  const [problem, setProblem] = useState<string>();
  const [begun, setBegun] = useState(false);
  const done = review !== undefined && review.moves.length >= review.total;

  async function begin(): Promise<void> {
    setBegun(true);
    setProblem(undefined);
    const refused = await client.review(by, undefined);
    setBegun(false);
    if (refused !== undefined) setProblem(refused.refused);
  }

  if (plies === 0) return null;
  const worst = review === undefined ? [] : worstOf(review.moves, SHOWN);
  return (
    <section class="card review" aria-labelledby="review-title">
      <header><h2 id="review-title">Review</h2>{review !== undefined && <span class="small muted">{review.agentName}</span>}</header>
      <div class="stack">
        {review === undefined && (
          <>
            <p class="muted">Which moves gave something away, and what would have been better?</p>
            <div class="ask plain">
              <Select label="Judged by" value={by} onChange={setBy}>{advisers.map((a) => <option key={a.id} value={a.id}>{a.name}</option>)}</Select>
              <button type="button" class="button primary" disabled={begun || by === ''} onClick={() => void begin()}>{begun ? 'Beginning …' : 'Review the game'}</button>
            </div>
          </>
        )}
        {problem !== undefined && <p class="problem" role="alert">{problem}</p>}
        {review !== undefined && !done && (
          <div class="spread"><p class="small muted number" role="status">{review.moves.length} of {plural(review.total, 'move')}</p><progress value={review.moves.length} max={review.total} aria-label="Moves reviewed" /></div>
        )}
        {review !== undefined && (
          <>
            <table class="grades">
              <thead><tr><th scope="col"><span class="unseen">Player</span></th><th scope="col">Blunders</th><th scope="col">Mistakes</th><th scope="col">Slips</th></tr></thead>
              <tbody>{([0, 1] as const).map((seat) => {
                const { blunder, mistake, slip } = gradesOf(review.moves, seat);
                return <tr key={seat}><th scope="row"><PieceIcon game={game} seat={seat} size={18} /> {names[seat]}</th><td>{blunder}</td><td>{mistake}</td><td>{slip}</td></tr>;
              })}</tbody>
            </table>
            {done && worst.length === 0 && <p>Nothing was given away.</p>}
            {worst.length > 0 && (
              <ol class="worst">
                {worst.map((entry) => (
                  <li key={entry.move.ply}>
                    <button type="button" aria-current={ply === entry.move.ply ? 'step' : undefined} onClick={() => onSeek(entry.move.ply)}>
                      <span><span class={`chip grade-${entry.grade}`}>{gradeWords[entry.grade]}</span> <strong>{entry.move.ply + 1}. {entry.move.name}</strong> <PieceIcon game={game} seat={entry.move.seat} size={14} /><span class="unseen"> by {names[entry.move.seat]}</span></span>
                      <span class="small">{entry.move.best.action === entry.move.action ? '' : <>better <strong>{entry.move.best.name}</strong>, </>}<span class="number">{signed(entry.move.before)} → {signed(entry.move.after)}</span></span>
                      {entry.exact !== undefined && <span class="small muted">Exactly: {entry.exact}</span>}
                    </button>
                  </li>
                ))}
              </ol>
            )}
            {done && <button type="button" class="button quiet" disabled={begun} onClick={() => void begin()}>Review again</button>}
          </>
        )}
      </div>
    </section>
  );
}
