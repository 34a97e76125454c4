/** `ludus config`: every setting of a training run; its Markdown is docs/config.md. */
import { defaultConfig, describeConfig } from '#selfplay';
import { printResult, table } from '../output.js';
import { gameOf } from '../setup.js';

export async function config(gameName: string, options: { markdown?: boolean; json?: boolean }): Promise<void> {
  const { game, spec } = await gameOf(gameName);
  const defaults = defaultConfig(game, spec);
  const settings = describeConfig(defaults);
  if (options.markdown) {
    const rows = settings.map((s) => `| \`${s.key}\` | ${s.default === '' ? '' : `\`${s.default}\``} | ${s.meaning} | ${s.unit} |`);
    process.stdout.write(`| setting | default (${game.name}) | meaning | unit |\n|---|---|---|---|\n${rows.join('\n')}\n`);
    return;
  }
  printResult(options.json === true, { game: game.id, defaults, settings }, () =>
    [
      table([['setting', 'default', 'meaning', 'unit'], ...settings.map((s) => [s.key, s.default, s.meaning, s.unit])]),
      `\nChange one with \`ludus train ${gameName} --set key=value\`. Schedules are written 0:0.01,5000:0.001 (optimiser step:value).`,
    ].join('\n'),
  );
}
