/** "5:03", "1:02:09", and "0:09.4" under ten seconds. Rounded up, so that 0:00 means that time is up. */
export function clockText(millis: number): string {
  if (millis < 10_000) {
    const tenths = Math.ceil(millis / 100);
    return tenths >= 100 ? '0:10' : `0:0${Math.floor(tenths / 10)}.${tenths % 10}`;
  }
  const seconds = Math.ceil(millis / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  return minutes >= 60 ? `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Fischer's clocks that one can choose, in the words of players: minutes + seconds a move. */
export const clockRules = [
  { id: 'none', label: 'No clock', rule: undefined },
  { id: '1+1', label: '1 + 1', rule: { initial: 60_000, increment: 1000 } },
  { id: '3+2', label: '3 + 2', rule: { initial: 180_000, increment: 2000 } },
  { id: '5+3', label: '5 + 3', rule: { initial: 300_000, increment: 3000 } },
  { id: '10+5', label: '10 + 5', rule: { initial: 600_000, increment: 5000 } },
  { id: '30+20', label: '30 + 20', rule: { initial: 1_800_000, increment: 20_000 } },
] as const;

export type ClockChoice = (typeof clockRules)[number]['id'];
