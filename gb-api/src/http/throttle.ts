import { fail } from 'gb-core';
import { RateLimiter } from 'gb-utils';
import type { ApiOptions } from '../options.ts';

/**
 * Slows down guessing: per address and account, and per address alone. A growing delay rather than a lock, which would
 * let anybody lock anybody out.
 */
export function createThrottle(options: ApiOptions): (address: string, account: string) => void {
  const perAccount = new RateLimiter(options.rates.logIns);
  const perAddress = new RateLimiter(options.rates.addresses);
  return (address, account) => {
    const nowMs = options.ctx.clock.nowMs();
    const network = networkOf(address);
    // The second only when the first lets it pass: names made up by one address must not fill the memory.
    const waitMs = perAddress.take(network, nowMs) || perAccount.take(`${network} ${account}`, nowMs);
    if (waitMs > 0) throw fail('rate_limited', 'Too many attempts. Wait a moment and try again.', { retryAfterMs: waitMs });
  };
}

/** One household or server has a whole /64 of IPv6: its addresses count as one. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [head = ''] = address.split('::');
  const groups = address.includes('::') ? [...head.split(':'), '0', '0', '0', '0'] : address.split(':');
  return groups.slice(0, 4).join(':');
}
