import { ApiError } from './http.ts';
import type { Store } from './store.ts';
import type { Status } from './types.ts';

/** Where the client stands, and who waits for it to be live. */
export class StatusBoard {
  readonly #store: Store;
  readonly #waiting = new Set<() => void>();
  #status: Status = { phase: 'loading', retryAtMs: null, attempt: 0, reason: null };

  constructor(store: Store) {
    this.#store = store;
  }

  get(): Status {
    return this.#status;
  }

  set(status: Status): void {
    this.#status = status;
    this.#store.changed('status');
    for (const check of [...this.#waiting]) check();
  }

  live(): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const { phase, reason } = this.#status;
        if (phase === 'live') resolve();
        else if (phase === 'stopped' || phase === 'closed') reject(reason ?? new ApiError('closed', 'The client was closed'));
        else return;
        this.#waiting.delete(check);
      };
      this.#waiting.add(check);
      check();
    });
  }
}
