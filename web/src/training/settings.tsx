/** The settings that made the run, by section. */
import type { RunSettings } from '#arena/protocol';

/** "search.simulations" belongs to "search"; what has no section comes first, under "run". */
export function sectionsOf(settings: RunSettings): [section: string, entries: { name: string; value: string }[]][] {
  const sections = new Map<string, { name: string; value: string }[]>([['run', []]]);
  for (const { name, value } of settings) {
    const dot = name.indexOf('.');
    const section = dot < 0 ? 'run' : name.slice(0, dot);
    const entries = sections.get(section) ?? [];
    entries.push({ name: name.slice(dot + 1), value });
    sections.set(section, entries);
  }
  return [...sections].filter(([, entries]) => entries.length > 0);
}

export function Settings({ settings }: { settings: RunSettings }) {
  if (settings.length === 0) return null;
  return (
    <section class="card" aria-labelledby="settings-title">
      <header>
        <h2 id="settings-title">Settings of this run</h2>
        <span class="small muted">Change them for a new run with <code>--set name=value</code></span>
      </header>
      <div class="settings">
        {sectionsOf(settings).map(([section, entries]) => (
          <div key={section}>
            <h3>{section}</h3>
            <dl>{entries.map(({ name, value }) => <div key={name}><dt>{name}</dt><dd class="number">{value}</dd></div>)}</dl>
          </div>
        ))}
      </div>
    </section>
  );
}
