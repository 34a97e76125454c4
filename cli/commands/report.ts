/** `ludus report`: a run as one HTML page. */
import { basename, join, resolve } from 'node:path';
import { existsSync, statSync } from 'node:fs';
import { UserError } from '#engine';
import { replaceFile } from '#selfplay/system';
import { diagnose, type Diagnosis } from '#selfplay/diagnose';
import { packageVersion } from '../cluster.js';
import { interruptible } from '../interrupt.js';
import { count, printResult, StatusLine } from '../output.js';
import { collectReport } from '../report/collect.js';
import { reportPage } from '../report/page.js';

interface ReportCommand {
  readonly out?: string;
  readonly diagnose?: boolean;
  readonly json?: boolean;
}

export async function report(run: string, options: ReportCommand): Promise<void> {
  const out = options.out ?? `${basename(resolve(run))}.html`;
  if (existsSync(out) && statSync(out).isDirectory()) throw new UserError('usage', `'${out}' is a folder; --out names a file, such as ${join(out, 'report.html')}`);
  const line = new StatusLine(options.json === true, 5);
  let diagnosis: Diagnosis | undefined;
  if (options.diagnose === true) diagnosis = await interruptible((signal) => diagnose(run, { signal, onProgress: (what, share) => line.update(`diagnose: ${Math.round(100 * share)} %, ${what}`) }));
  line.update('reading the run');
  const collected = await collectReport(run, packageVersion(), diagnosis);
  line.end();
  const page = reportPage(collected);
  replaceFile(out, page);
  const bytes = Buffer.byteLength(page);
  const result = { run, out, bytes, games: collected.games.games.length, checkpoints: collected.checkpoints.length, curves: collected.series.size };
  printResult(options.json === true, result, () => `Written: ${out} (${count(bytes / 1024)} KiB; ${result.games} games, ${result.checkpoints} checkpoints). Open it in any browser; it needs no server and no network.`);
}
