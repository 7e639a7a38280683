/**
 * A failure somebody is expected to meet. A caller switches on `code` (stable, listed in gb-protocol), a person reads
 * `message`. `retryable` says whether the same request may succeed later; `retryAfterMs` when.
 */
export class GbError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, options: { retryable?: boolean; retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GbError';
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** A mistake of the programmer, with the fact in words: `assert(seq > previous, 'sequence numbers only grow')`. */
export function assert(condition: unknown, fact: string): asserts condition {
  if (!condition) throw new Error(`Broken assumption: ${fact}`);
}
