/** Settings by name in which runs differ, in the order of the first run that has them. Pure. */
import type { RunSettings } from '#arena/protocol';

export function differencesOf(runs: readonly RunSettings[]): { readonly name: string; readonly values: readonly (string | undefined)[] }[] {
  const tables = runs.map((settings) => new Map(settings.map(({ name, value }) => [name, value])));
  const names = new Set(runs.flatMap((settings) => settings.map(({ name }) => name)));
  return [...names]
    .map((name) => ({ name, values: tables.map((table) => table.get(name)) }))
    .filter(({ values }) => new Set(values).size > 1);
}
