import type { Logger } from 'gb-utils';
import pino from 'pino';

/**
 * JSON lines on standard error. What could carry a secret or somebody's words is cut out, whoever logs it by mistake: a
 * database error quotes the row in its `detail`, for one.
 */
export function createLogger(level: string): Logger {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: [
          'password',
          'passwordHash',
          'token',
          'text',
          'email',
          '*.password',
          '*.token',
          '*.text',
          '*.email',
          '*.detail',
          '*.where',
          'headers',
          // The driver hangs the whole connection on an error of one that was idle, the key to cancel its statements included.
          'err.client',
        ],
        remove: true,
      },
    },
    pino.destination({ dest: 2, sync: false }),
  );
  return logger as unknown as Logger;
}
