import { type ErrorCode, errorCodes } from 'gb-protocol';
import { GbError } from 'gb-utils';

/** An expected failure with a code of the protocol; whether it may be retried is a property of the code. */
export function fail(code: ErrorCode, message: string, options: { retryAfterMs?: number; cause?: unknown } = {}): GbError {
  return new GbError(code, message, { retryable: errorCodes[code].retryable, ...options });
}

export const notFound = (what: string): GbError => fail('not_found', `There is no such ${what}.`);

/** A GbError that also carries the compiler's findings. */
export class ProgramInvalid extends GbError {
  readonly diagnostics: readonly unknown[];
  constructor(diagnostics: readonly unknown[]) {
    super('program_invalid', 'The program does not compile.');
    this.diagnostics = diagnostics;
  }
}
