/** The picture of a task, and the keys that play it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { State } from '#engine';
import type { Session } from './session.js';
import { channelsOf, groundOf } from './look.js';
import { namedByKey } from './actions.js';
import { paintAcrobot, paintCartPole, paintCells, paintMountainCar, type Colours } from './paint.js';

function useColours(): Colours {
  const [version, next] = useState(0);
  const cache = useRef<{ version: number; map: Map<string, string> }>({ version: 0, map: new Map() });
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const changed = () => next((n) => n + 1);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, []);
  if (cache.current.version !== version) cache.current = { version, map: new Map() };
  const { map } = cache.current;
  return (name) => {
    let colour = map.get(name);
    if (colour === undefined) map.set(name, (colour = getComputedStyle(document.documentElement).getPropertyValue(name).trim()));
    return colour;
  };
}

/** Physical quantities of the control tasks, which their states show beside what is observed. */
function variablesOf(state: State): ArrayLike<number> {
  return 'variables' in state ? (state.variables as Float64Array) : [];
}

export function Screen({ session, cursor, hidden, label }: { session: Session; cursor: number; hidden: ReadonlySet<number>; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = useColours();
  const [width, setWidth] = useState(0);
  const { game, task } = session;
  const [channels, rows, columns] = game.planes;
  const ratio = task.look === 'cells' ? columns / rows : 16 / 10;

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const element = canvas.current;
    const ctx = element?.getContext('2d');
    if (!element || !ctx || width === 0) return;
    const scale = Math.min(3, devicePixelRatio);
    const [w, h] = [Math.round(width * scale), Math.round((width / ratio) * scale)];
    if (element.width !== w || element.height !== h) [element.width, element.height] = [w, h];
    const state = session.episode.position(cursor);
    switch (task.look) {
      case 'cells': {
        const planes = new Float32Array(channels * rows * columns);
        state.observe(planes);
        return paintCells(ctx, w, h, colours, { rows, columns, planes, looks: channelsOf(task.id, channels), hidden, ground: groundOf(task.id) });
      }
      case 'cartpole': return paintCartPole(ctx, w, h, colours, variablesOf(state));
      case 'mountain-car': return paintMountainCar(ctx, w, h, colours, variablesOf(state));
      case 'acrobot': return paintAcrobot(ctx, w, h, colours, variablesOf(state));
      default: return task.look satisfies never;
    }
  });

  const onKey = (down: boolean) => (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const name = namedByKey(task, event.key);
    if (name === undefined) return;
    event.preventDefault();
    if (event.repeat) return;
    if (down) session.press(session.actionOf(name));
    else session.release(session.actionOf(name));
  };
  return (
    <div class="screen" role="application" tabIndex={0} aria-label={label} onKeyDown={onKey(true)} onKeyUp={onKey(false)} onBlur={() => session.task.useful.forEach((name) => session.release(session.actionOf(name)))}>
      <canvas ref={canvas} class="screen-canvas" style={{ aspectRatio: String(ratio) }} role="img" aria-label="The task as it stands" />
    </div>
  );
}
