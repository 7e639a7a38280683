import { createHash } from 'node:crypto';
import type { ChannelId, CustomerId } from 'gb-protocol';
import { bucketCount } from '../bucket.ts';

/**
 * A part holds logs of channels of a customer that is too large for one database. To the databases it is a customer: it has
 * an id, a bucket, an epoch and the wall, and is moved like any other.
 */
export type PartId = CustomerId;

/** The head of a channel, at home, whose log is in a part; the constraint of migration 0021 lets nobody count on from it. */
export const elsewhere = -4_503_599_627_370_496;

/** Customers have ids of version 7. */
export function isPart(customerId: CustomerId): boolean {
  return customerId[14] === '8';
}

/** The last bits of the channel's id, which are random. Never to be changed: every log lies by it. */
export function partOf(parts: readonly PartId[], channelId: ChannelId): PartId {
  return parts[Number.parseInt(channelId.slice(-8), 16) % parts.length]!;
}

/** What is known of a channel is known of it as its customer's: to everybody else it is not there. */
export function channelKey(customerId: CustomerId, channelId: ChannelId): string {
  return `${customerId} ${channelId}`;
}

/** The id of a customer's part that belongs into this bucket: always the same, so that who begins again finds it. */
export function partId(customerId: CustomerId, number: number, bucket: number): PartId {
  const digest = createHash('sha256').update(`${customerId} ${number}`).digest();
  digest[6] = 0x80 | (digest[6]! & 0x0f);
  digest[8] = 0x80 | (digest[8]! & 0x3f);
  digest.writeUInt16BE((digest.readUInt16BE(14) & ~(bucketCount - 1) & 0xffff) | bucket, 14);
  const hex = digest.toString('hex', 0, 16);
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return groups.join('-') as PartId;
}

/** The log of a channel went to a part since it was looked for. Nothing was done; it is to be looked for again. */
export class ChannelElsewhere extends Error {
  constructor(cause?: unknown) {
    super('The log of this channel is in a part of its customer', { cause });
    this.name = 'ChannelElsewhere';
  }
}
