/** The process of `diagnoseInChild`: diagnoses the run named as its argument. */
import { UserError } from '#engine';
import { diagnose } from '#selfplay/diagnose';
import type { FromDiagnosis } from './diagnoses.js';

const say = (message: FromDiagnosis, then: () => void = () => undefined): void => void process.send?.(message, then);
// The server has gone.
process.once('disconnect', () => process.exit());

let said = -1;
diagnose(process.argv[2], {
  onProgress: (what, share) => {
    // In hundredths: the same again is no news.
    const hundredths = Math.floor(100 * share);
    if (hundredths !== said) say({ what, share: (said = hundredths) / 100 });
  },
}).then(
  (diagnosis): FromDiagnosis => ({ diagnosis }),
  (error: unknown): FromDiagnosis => ({ refused: error instanceof UserError ? error.message : `the diagnosis failed: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}` }),
).then((message) => say(message, () => process.exit()));
