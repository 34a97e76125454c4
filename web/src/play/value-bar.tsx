/** Who stands better, from one fixed point of view: the first player's share on the left. */
import { PieceIcon } from '../board/piece.js';
import { signed } from '../ui/format.js';
import type { Verdict } from './insight.js';
import { inSentence } from './words.js';

export function ValueBar({ game, names, value, verdict }: { game: string; names: readonly [string, string]; value: number | undefined; verdict: Verdict | undefined }) {
  const share = value === undefined ? 0.5 : (Math.max(-1, Math.min(1, value)) + 1) / 2;
  const exact = verdict === undefined ? undefined : verdict === 'draw' ? 'Exactly: a draw' : `Exactly: ${inSentence(names[verdict === 'win' ? 0 : 1])} can force a win`;
  const text = value === undefined ? 'Value unknown' : `Value ${signed(value)} for ${inSentence(names[0])}, who began`;
  return (
    <div class="value">
      <div class="spread small">
        <span class="row"><PieceIcon game={game} seat={0} size={18} /> {names[0]}</span>
        <span class="row">{names[1]} <PieceIcon game={game} seat={1} size={18} /></span>
      </div>
      <div class={value === undefined ? 'value-bar unknown' : 'value-bar'} role="img" aria-label={text}>
        <div class="value-first" style={{ width: `${(share * 100).toFixed(1)}%` }} />
        <div class="value-middle" />
      </div>
      <div class="spread small muted">
        <span class="number">{text}</span>
        {exact !== undefined && <span>{exact}</span>}
      </div>
    </div>
  );
}
