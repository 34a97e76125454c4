/** MinAtar games with options in their names, as `createMinAtar` names them. */
import { UserError } from '#engine';
import { createMinAtar, minatarIds, type MinAtarGame, type MinAtarId } from './game.js';

const PART = /^(?:(minimal)|(steady)|sticky-?(\d{1,3}(?:-\d{1,6})?))(?:-|$)/;

/**
 * `breakout-minimal`, `Space_Invaders-minimal-sticky0`, `asterix-steady-sticky12-5` (per cent): options in any order.
 * undefined when the name does not begin with one of the five, or has nothing after it. Throws UserError('usage') for
 * options that there are none of.
 */
export function minatarVariant(name: string): MinAtarGame | undefined {
  const text = name.toLowerCase().replaceAll(/[_ ]/g, '-').replace(/^spaceinvaders/, 'space-invaders');
  const id = minatarIds.find((candidate) => text.startsWith(`${candidate}-`));
  return id === undefined ? undefined : createMinAtar(id, optionsOf(text.slice(id.length + 1), id, name));
}

function optionsOf(text: string, id: MinAtarId, name: string) {
  let options: { actions?: 'minimal'; ramping?: false; sticky?: number } = {};
  for (let rest = text; rest !== ''; ) {
    const [whole, minimal, steady, percent] = PART.exec(rest) ?? [];
    const sticky = Number(percent?.replace('-', '.') ?? 0) / 100;
    if (whole === undefined || sticky > 1) throw new UserError('usage', `unknown game '${name}': after ${id} may come -minimal (only the actions that do something), -steady (no ramping) and -stickyP (actions stick in P per cent of the steps, 0 to 100)`);
    options = { ...options, ...(minimal && { actions: 'minimal' }), ...(steady && { ramping: false }), ...(percent && { sticky }) };
    rest = rest.slice(whole.length);
  }
  return options;
}
