/** What every run needs when something ends otherwise than planned. */
import { UserError } from '#engine';

export function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Rejects after `millis` with UserError('environment'); does not keep the process alive. */
export function timeout(millis: number, message: string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new UserError('environment', message)), millis).unref();
  });
}
