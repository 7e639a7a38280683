import { hash, verify } from '@node-rs/argon2';
import { fail, type PasswordHasher } from 'gb-core';

/** The floor of OWASP's password storage advice for argon2id, which is the library's default: 19 MiB, two passes. About 15 ms of one core. */
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Each hash holds 19 MiB while it runs: a flood of log-ins must not become a flood of memory. */
const runningMax = 4;
const waitingMax = 100;

export function createArgon2Hasher(): PasswordHasher {
  let running = 0;
  const waiting: (() => void)[] = [];
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= runningMax) {
      if (waiting.length >= waitingMax)
        throw fail('overloaded', 'Too many people are signing in. Try again in a moment.', { retryAfterMs: 2_000 });
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
  return {
    hash: (password) => run(() => hash(password, options)),
    verify: (stored, password) => run(() => verify(stored, password)),
  };
}
