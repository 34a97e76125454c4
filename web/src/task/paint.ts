/** Tasks on a canvas. Sizes are in the canvas's own pixels; colours come from the style sheet. */
import type { ChannelLook, Shape } from './look.js';

export type Colours = (name: string) => string;
type Brush = CanvasRenderingContext2D;

export interface Cells {
  readonly rows: number;
  readonly columns: number;
  /** [channels, rows, columns]; 0 is empty. */
  readonly planes: Float32Array;
  readonly looks: readonly ChannelLook[];
  readonly hidden: ReadonlySet<number>;
  readonly ground?: { readonly goal: number; readonly pits: readonly number[] };
}

/** One mark in the unit square at (x, y) with side s. */
export function mark(ctx: Brush, shape: Shape, x: number, y: number, s: number): void {
  const at = (u: number) => x + u * s;
  const down = (v: number) => y + v * s;
  ctx.beginPath();
  switch (shape) {
    case 'square': ctx.roundRect(at(0.06), down(0.06), 0.88 * s, 0.88 * s, 0.16 * s); return ctx.fill();
    case 'frame': {
      ctx.roundRect(at(0.06), down(0.06), 0.88 * s, 0.88 * s, 0.1 * s);
      ctx.roundRect(at(0.24), down(0.24), 0.52 * s, 0.52 * s, 0.05 * s);
      return ctx.fill('evenodd');
    }
    case 'disc': ctx.arc(at(0.5), down(0.5), 0.38 * s, 0, 7); return ctx.fill();
    case 'ring': ctx.arc(at(0.5), down(0.5), 0.34 * s, 0, 7); ctx.lineWidth = 0.13 * s; return ctx.stroke();
    case 'dot': ctx.arc(at(0.5), down(0.5), 0.15 * s, 0, 7); return ctx.fill();
    case 'diamond': ctx.moveTo(at(0.5), down(0.06)); ctx.lineTo(at(0.94), down(0.5)); ctx.lineTo(at(0.5), down(0.94)); ctx.lineTo(at(0.06), down(0.5)); return ctx.fill();
    case 'triangle': ctx.moveTo(at(0.5), down(0.08)); ctx.lineTo(at(0.94), down(0.9)); ctx.lineTo(at(0.06), down(0.9)); return ctx.fill();
    case 'cross': ctx.moveTo(at(0.22), down(0.22)); ctx.lineTo(at(0.78), down(0.78)); ctx.moveTo(at(0.78), down(0.22)); ctx.lineTo(at(0.22), down(0.78)); ctx.lineWidth = 0.17 * s; return ctx.stroke();
    case 'bar': ctx.roundRect(at(0.38), down(0.12), 0.24 * s, 0.76 * s, 0.08 * s); return ctx.fill();
    case 'half': ctx.roundRect(at(0.06), down(0.36), 0.88 * s, 0.28 * s, 0.08 * s); return ctx.fill();
    default: return shape satisfies never;
  }
}

export function paintCells(ctx: Brush, width: number, height: number, colour: Colours, { rows, columns, planes, looks, hidden, ground }: Cells): void {
  const s = Math.min(width / columns, height / rows);
  ctx.fillStyle = colour('--well');
  ctx.fillRect(0, 0, width, height);
  ctx.strokeStyle = colour('--line');
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (let c = 1; c < columns; c++) { ctx.moveTo(c * s, 0); ctx.lineTo(c * s, height); }
  for (let r = 1; r < rows; r++) { ctx.moveTo(0, r * s); ctx.lineTo(width, r * s); }
  ctx.stroke();
  if (ground !== undefined) {
    ctx.fillStyle = ctx.strokeStyle = colour('--danger');
    for (const pit of ground.pits) mark(ctx, 'cross', (pit % columns) * s, Math.floor(pit / columns) * s, s);
    ctx.fillStyle = ctx.strokeStyle = colour('--seat0');
    mark(ctx, 'diamond', (ground.goal % columns) * s, Math.floor(ground.goal / columns) * s, s);
  }
  const area = rows * columns;
  // What one steers is painted last, on top.
  for (let channel = looks.length - 1; channel >= 0; channel--) {
    if (hidden.has(channel)) continue;
    ctx.fillStyle = ctx.strokeStyle = colour(looks[channel].ink);
    for (let cell = 0; cell < area; cell++) {
      if (planes[channel * area + cell] !== 0) mark(ctx, looks[channel].shape, (cell % columns) * s, Math.floor(cell / columns) * s, s);
    }
  }
}

/** `variables`: position (m), velocity, angle (radians, to the right), angular velocity. */
export function paintCartPole(ctx: Brush, width: number, height: number, colour: Colours, variables: ArrayLike<number>): void {
  const metre = width / 5.4;
  const floor = height * 0.8;
  const x = width / 2 + variables[0] * metre;
  ctx.fillStyle = colour('--well');
  ctx.fillRect(0, 0, width, height);
  line(ctx, colour('--line-strong'), 2, [0, floor], [width, floor]);
  for (const side of [-1, 1]) line(ctx, colour('--danger'), 4, [width / 2 + side * 2.4 * metre, floor - 14], [width / 2 + side * 2.4 * metre, floor + 14]);
  const [w, h] = [0.62 * metre, 0.34 * metre];
  ctx.fillStyle = colour('--accent');
  ctx.beginPath();
  ctx.roundRect(x - w / 2, floor - h - 4, w, h, 8);
  ctx.fill();
  // The pole is one metre; drawn a little longer, as its tilt is what one must see.
  const length = 1.5 * metre;
  ctx.lineCap = 'round';
  line(ctx, colour('--seat0'), 0.12 * metre, [x, floor - h], [x + length * Math.sin(variables[2]), floor - h - length * Math.cos(variables[2])]);
  ctx.fillStyle = colour('--ink');
  ctx.beginPath();
  ctx.arc(x, floor - h, 0.05 * metre, 0, 7);
  ctx.fill();
}

/** `variables`: position in [-1.2, 0.6], velocity. The hill is sin(3x). */
export function paintMountainCar(ctx: Brush, width: number, height: number, colour: Colours, variables: ArrayLike<number>): void {
  const x = (position: number) => ((position + 1.2) / 1.8) * width;
  const y = (position: number) => height * (0.52 - 0.34 * Math.sin(3 * position));
  ctx.fillStyle = colour('--well');
  ctx.fillRect(0, 0, width, height);
  ctx.beginPath();
  ctx.moveTo(0, height);
  for (let i = 0; i <= 90; i++) ctx.lineTo(x(-1.2 + (1.8 * i) / 90), y(-1.2 + (1.8 * i) / 90));
  ctx.lineTo(width, height);
  ctx.fillStyle = colour('--board');
  ctx.fill();
  line(ctx, colour('--seat0'), 3, [x(0.5), y(0.5)], [x(0.5), y(0.5) - height * 0.16]);
  ctx.fillStyle = colour('--seat0');
  ctx.beginPath();
  ctx.moveTo(x(0.5), y(0.5) - height * 0.16);
  ctx.lineTo(x(0.5) + width * 0.045, y(0.5) - height * 0.13);
  ctx.lineTo(x(0.5), y(0.5) - height * 0.1);
  ctx.fill();
  const slope = -3 * 0.34 * height * Math.cos(3 * variables[0]) / (width / 1.8);
  ctx.save();
  ctx.translate(x(variables[0]), y(variables[0]));
  ctx.rotate(Math.atan(slope));
  const s = width / 18;
  ctx.fillStyle = colour('--accent');
  ctx.beginPath();
  ctx.roundRect(-0.8 * s, -1.05 * s, 1.6 * s, 0.7 * s, 0.2 * s);
  ctx.fill();
  ctx.fillStyle = colour('--ink');
  for (const wheel of [-0.45, 0.45]) {
    ctx.beginPath();
    ctx.arc(wheel * s, -0.26 * s, 0.26 * s, 0, 7);
    ctx.fill();
  }
  ctx.restore();
}

/** `variables`: angle of the first link from hanging down, of the second relative to it, and their velocities. */
export function paintAcrobot(ctx: Brush, width: number, height: number, colour: Colours, variables: ArrayLike<number>): void {
  const metre = height / 4.8;
  const [px, py] = [width / 2, height * 0.52];
  ctx.fillStyle = colour('--well');
  ctx.fillRect(0, 0, width, height);
  ctx.setLineDash([8, 6]);
  line(ctx, colour('--line-strong'), 2, [0, py - metre], [width, py - metre]);
  ctx.setLineDash([]);
  const elbow: [number, number] = [px + metre * Math.sin(variables[0]), py + metre * Math.cos(variables[0])];
  const total = variables[0] + variables[1];
  const tip: [number, number] = [elbow[0] + metre * Math.sin(total), elbow[1] + metre * Math.cos(total)];
  ctx.lineCap = 'round';
  line(ctx, colour('--seat1'), 0.16 * metre, [px, py], elbow);
  line(ctx, colour('--seat0'), 0.16 * metre, elbow, tip);
  ctx.fillStyle = colour('--ink');
  for (const [x, y] of [[px, py], elbow, tip]) {
    ctx.beginPath();
    ctx.arc(x, y, 0.07 * metre, 0, 7);
    ctx.fill();
  }
}

function line(ctx: Brush, colour: string, width: number, from: readonly [number, number], to: readonly [number, number]): void {
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...to);
  ctx.stroke();
}
