/** A player's clock, by the server's time. */
import { useEffect, useState } from 'preact/hooks';
import { millisLeft, type ClockState, type Seat } from '#arena/protocol';
import { clockText } from './clock-text.js';

/** Milliseconds under which a clock is pressing. */
const LOW = 20_000;

/** The server's clock now, redrawn `every` milliseconds while `running`. */
export function useServerTime(skew: number, running: boolean, every: number): number {
  const [, tick] = useState(0);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => tick((n) => n + 1), every);
    return () => clearInterval(timer);
  }, [running, every]);
  return Date.now() + skew;
}

export function Clock({ clock, seat, skew, name }: { clock: ClockState | null; seat: Seat; skew: number; name: string }) {
  const running = clock?.running === seat;
  const now = useServerTime(skew, running, 100);
  const left = millisLeft(clock, seat, now);
  if (left === null) return null;
  const low = left < LOW;
  return (
    <span class={`clock number${running ? ' running' : ''}${low ? ' low' : ''}`} role="timer" aria-label={`${name}: ${clockText(left)}${running ? ', running' : ''}`}>
      <svg viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="7.5" /><path d={running ? 'M10 5.5V10l3 2' : 'M10 6v4h3'} /></svg>
      {clockText(left)}{low && <span class="unseen"> left, hurry</span>}
    </span>
  );
}
