import type { ErrorCode } from '#arena/protocol';

/** A request that is refused: its code and one line go to whoever asked, nothing has changed. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
