/** `ludus config`: every setting of a training run; its Markdown is docs/config.md. */
import { defaultConfig, describeConfig, type SettingDescription } from '#selfplay';
import { printResult, table } from '../output.js';
import { gameOf } from '../setup.js';
import { learnsTask, taskSpec } from '../tasks.js';

interface Settings {
  readonly game: { readonly id: string; readonly name: string };
  readonly algorithm: string;
  readonly defaults: object;
  readonly settings: readonly SettingDescription[];
}

async function settingsOf(gameName: string, algo: string | undefined): Promise<Settings> {
  if (!(await learnsTask(gameName, { algo }))) {
    const { game, spec } = await gameOf(gameName);
    const defaults = defaultConfig(game, spec);
    return { game, algorithm: 'alphazero', defaults, settings: describeConfig(defaults) };
  }
  const { algorithmFor, defaultTaskConfig, describeTaskConfig, openTask, suitableAlgorithms } = await import('#selfplay/tasks');
  const task = await openTask(taskSpec(gameName));
  const algorithm = algorithmFor(algo ?? suitableAlgorithms(task)[0]?.name ?? 'ppo', task);
  const defaults = defaultTaskConfig(algorithm, task);
  return { game: task, algorithm: algorithm.name, defaults, settings: describeTaskConfig(algorithm, defaults) };
}

export async function config(gameName: string, options: { algo?: string; markdown?: boolean; json?: boolean }): Promise<void> {
  const { game, algorithm, defaults, settings } = await settingsOf(gameName, options.algo);
  if (options.markdown) {
    const rows = settings.map((s) => `| \`${s.key}\` | ${s.default === '' ? '' : `\`${s.default}\``} | ${s.meaning} | ${s.unit} |`);
    process.stdout.write(`| setting | default (${game.name}) | meaning | unit |\n|---|---|---|---|\n${rows.join('\n')}\n`);
    return;
  }
  printResult(options.json === true, { game: game.id, algorithm, defaults, settings }, () =>
    [
      table([['setting', 'default', 'meaning', 'unit'], ...settings.map((s) => [s.key, s.default, s.meaning, s.unit])]),
      `\nChange one with \`ludus train ${gameName}${options.algo === undefined ? '' : ` --algo ${algorithm}`} --set key=value\`. Schedules are written 0:0.01,5000:0.001 (optimiser step:value).`,
    ].join('\n'),
  );
}
