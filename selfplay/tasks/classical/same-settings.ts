/** A run that goes on keeps the settings that its saved arrays were made with. */
import { UserError } from '#engine';

export type Settings = Readonly<Record<string, unknown>>;

/** The settings that may not change, as JSON. */
export function kept(config: object, free: readonly string[]): Settings {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !free.includes(key)));
}

/** Throws UserError('usage') that names the first setting which is not as it was. */
export function checkKept(saved: Settings | undefined, now: Settings): void {
  for (const [key, value] of Object.entries(now)) {
    const before = saved?.[key];
    if (JSON.stringify(before) === JSON.stringify(value)) continue;
    throw new UserError('usage', `the saved learner has learner.${key} = ${JSON.stringify(before) ?? 'none'}, not ${JSON.stringify(value)}; that can only be chosen when a run begins`);
  }
}
