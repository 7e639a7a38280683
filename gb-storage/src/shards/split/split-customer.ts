import type { CustomerId } from 'gb-protocol';
import type { ShardMap } from '../shard-map.ts';
import { makeParts } from './make-parts.ts';
import { type ChannelsMoved, type MoveChannelsOptions, moveChannels } from './move-channels.ts';

export interface SplitCustomerOptions extends MoveChannelsOptions {
  readonly map: ShardMap;
}

/**
 * Spreads the logs of a customer's channels over parts, while the customer goes on. Cut off anywhere it goes on when it is
 * called again. There is no way back but to move buckets: parts stay.
 */
export async function splitCustomer(
  customerId: CustomerId,
  parts: number,
  options: SplitCustomerOptions,
): Promise<ChannelsMoved> {
  const { owners, store, map } = options;
  await makeParts(customerId, parts, { owners, begin: store.databases.begin, refresh: () => map.refresh() });
  return moveChannels(customerId, options);
}
