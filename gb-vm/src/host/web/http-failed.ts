import { OperationFailed } from '../operation.ts';

/**
 * - `refused`: the guard does not let it out, or the address is none; nothing was sent.
 * - `not_connected`: no connection was made, so nothing was sent.
 * - `broken`: the connection ended in the middle; what was sent may have been done.
 * - `timeout`, `too_large`: the answer was given up.
 * - `status`: the answer came and says no.
 */
export type HttpFailure = 'refused' | 'not_connected' | 'broken' | 'timeout' | 'too_large' | 'status';

/** What went wrong with a request. Its sentences name the address without credentials and query. */
export class HttpFailed extends OperationFailed {
  readonly failure: HttpFailure;
  /** Present exactly when `failure` is `status`. */
  readonly status: number | null;

  constructor(failure: HttpFailure, said: { readonly en: string; readonly pt: string }, status: number | null = null) {
    super(said, failure === 'refused' ? 'not_allowed' : 'operation_failed');
    this.failure = failure;
    this.status = status;
  }
}

/** An address as it may be shown: keys travel in user names, passwords and queries. */
export function shownAddress(address: URL): string {
  const path = address.pathname.length > 80 ? `${address.pathname.slice(0, 80)}…` : address.pathname;
  return `${address.protocol}//${address.host}${path === '/' ? '' : path}`;
}
