import { ProgramInvalid, QuotaExceeded } from 'gb-core';
import { type ErrorBody, type ErrorCode, errorCodes } from 'gb-protocol';
import { GbError, type Logger } from 'gb-utils';

/**
 * The one place where a failure becomes something a client sees. What is not an expected failure is logged in full and
 * answered as `internal`: its text may hold what the client must not know.
 */
export function errorBody(error: unknown, log: Logger): ErrorBody {
  if (error instanceof GbError && isCode(error.code)) {
    return {
      code: error.code,
      message: error.message,
      retryable: errorCodes[error.code].retryable,
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
      ...(error instanceof QuotaExceeded ? { quota: error.facts } : {}),
      ...(error instanceof ProgramInvalid ? { diagnostics: error.diagnostics } : {}),
    };
  }
  log.error({ err: error }, 'A request failed unexpectedly');
  return { code: 'internal', message: 'Something went wrong on the server. It has been noted.', retryable: true };
}

function isCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}
