/** `ludus check-traces`: the MinAtar games against recorded episodes. */
import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { UserError } from '#engine';
import { TraceChecker } from '#games/minatar';
import { count, printResult } from '../output.js';

export async function checkTraces(file: string, options: { json?: boolean }): Promise<void> {
  if (!existsSync(file)) throw new UserError('usage', `there is no file ${file}.`);
  const checker = new TraceChecker();
  for await (const line of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })) checker.add(line);
  const { report } = checker;
  printResult(options.json === true, report, () => {
    const { episodes, steps, mismatches, first } = report;
    const found = first === undefined ? '' : `\n  first: line ${first.line}, ${first.game}, step ${first.step}: ${first.what}`;
    return `${count(episodes)} episodes, ${count(steps)} steps, ${count(mismatches)} mismatches${found}`;
  });
  if (report.mismatches > 0) process.exitCode = 1;
}
