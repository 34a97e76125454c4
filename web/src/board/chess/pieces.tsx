/** The chessmen, drawn for Ludus: solid shapes on one foot, in a box of 100 by 100; the two sides differ in fill and outline. */
import type { PieceLetter } from './squares.js';

const FOOT = 'M25 88v-4.5a7 7 0 0 1 7-7h36a7 7 0 0 1 7 7v4.5z';

/** Outlines from the ground up, and lines inside them. */
const shapes: Readonly<Record<string, { readonly parts: readonly string[]; readonly lines?: string }>> = {
  p: { parts: ['M43 47c0 13-7 20-12 30.5h38c-5-10.5-12-17.5-12-30.5z', FOOT, 'M39.5 42.5h21a3.5 3.5 0 0 1 0 7h-21a3.5 3.5 0 0 1 0-7z', 'M50 17.5a12.8 12.8 0 1 1 0 25.6a12.8 12.8 0 1 1 0-25.6z'] },
  r: { parts: ['M37 44 34.5 77.5h31L63 44z', FOOT, 'M29.5 38V19h10v7.5h5.8V19h9.4v7.5h5.8V19h10v19z', 'M34 36.5h32a3.8 3.8 0 0 1 0 7.6h-32a3.8 3.8 0 0 1 0-7.6z'] },
  n: { parts: ['M31 77.5c0-15 13.5-19.5 15.5-31.5-4 2.5-6.5 7-12.5 8-3.5.6-5-3-8.5-3-4.5 0-6-4.5-4-8.5 3-6 7.5-9.5 9.5-15.5 1.5-5 4-8 7.5-10.5l-1-8.5c5 2 9 5.5 11.5 8.5 18 1.5 26.5 21 22.5 61z', FOOT], lines: 'M55 26c8.5 8 10.5 21 9.5 34' },
  b: { parts: ['M42 53c-1 12-7.5 15-11 24.5h38c-3.5-9.5-10-12.5-11-24.5z', FOOT, 'M50 18c12.5 9 16 20 10.5 31.5h-21C34 38 37.5 27 50 18z', 'M37.5 47.5h25a3.8 3.8 0 0 1 0 7.6h-25a3.8 3.8 0 0 1 0-7.6z', 'M50 10a4.8 4.8 0 1 1 0 9.6a4.8 4.8 0 1 1 0-9.6z'], lines: 'M54.5 27.5 48 38.5' },
  q: { parts: ['M37 58c0 9-3 12-6 19.5h38c-3-7.5-6-10.5-6-19.5z', FOOT, 'M21 30.5 34 57h32l13-26.5-14.5 12L61.5 22 50 40.5 38.5 22l-3 20.5z', 'M33.5 54.5h33a3.8 3.8 0 0 1 0 7.6h-33a3.8 3.8 0 0 1 0-7.6z', 'M20 23a4.6 4.6 0 1 1 0 9.2a4.6 4.6 0 1 1 0-9.2z', 'M38 14a4.6 4.6 0 1 1 0 9.2a4.6 4.6 0 1 1 0-9.2z', 'M62 14a4.6 4.6 0 1 1 0 9.2a4.6 4.6 0 1 1 0-9.2z', 'M80 23a4.6 4.6 0 1 1 0 9.2a4.6 4.6 0 1 1 0-9.2z'] },
  k: { parts: ['M37 62 33 77.5h34L63 62z', FOOT, 'M50 38c-3-11-25-13-28 3.5-1.8 10 9 14.5 13.5 20h29C69 56 79.8 51.5 78 41.5 75 25 53 27 50 38z', 'M35 58.5h30a3.8 3.8 0 0 1 0 7.6h-30a3.8 3.8 0 0 1 0-7.6z', 'M46.4 8h7.2v6.4h6.4v7.2h-6.4v12.4h-7.2v-12.4h-6.4v-7.2h6.4z'] },
};

/** Inside an svg, in a box of 100 by 100 from (0, 0). */
export function Chessman({ piece }: { piece: PieceLetter }) {
  const { parts, lines } = shapes[piece.toLowerCase()];
  return (
    <g class={piece === piece.toUpperCase() ? 'man white' : 'man black'}>
      {parts.map((d) => <path key={d} d={d} />)}
      {lines !== undefined && <path class="man-line" d={lines} />}
      {piece.toLowerCase() === 'n' && <circle class="man-eye" cx="37.5" cy="31" r="2.6" />}
    </g>
  );
}
