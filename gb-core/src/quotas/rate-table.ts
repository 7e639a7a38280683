import type { RateLimit } from 'gb-utils';

/**
 * How often things may happen, all of it: what a person does, what happens in a place, what all people of a customer do
 * together, and what one address does that nobody has to vouch for. Narrow limits are for who repeats a thing by mistake,
 * wide ones for who has many accounts, bots or addresses; nobody meets a wide one without trying.
 */
export const defaultRates = {
  /** Messages of one person, or of one contact of a bot. */
  messages: { burst: 40, perSecond: 10 },
  /** Messages of everybody in one channel. */
  channelMessages: { burst: 4_000, perSecond: 1_000 },
  customerMessages: { burst: 20_000, perSecond: 5_000 },
  /** Frames of one connection, typing and subscriptions included: counted where the connection is. */
  frames: { burst: 400, perSecond: 100 },
  /** Connections that say hello, of everybody together: counted where they come in. */
  hellos: { burst: 200, perSecond: 500 },
  /** REST calls of one person. */
  requests: { burst: 200, perSecond: 50 },
  /** REST calls with one key, which speaks for many contacts. */
  keyRequests: { burst: 1_000, perSecond: 250 },
  customerRequests: { burst: 20_000, perSecond: 5_000 },
  /** Uploads of one person or key. */
  uploads: { burst: 60, perSecond: 2 },
  customerUploads: { burst: 1_000, perSecond: 50 },
  /** Attempts to sign in or up, per account and address. */
  logIns: { burst: 5, perSecond: 1 / 12 },
  /** The same, per address alone. */
  addressLogIns: { burst: 40, perSecond: 1 },
  /** Calls without a session - webhooks, mail, links - per address. */
  addresses: { burst: 200, perSecond: 50 },
  /** Calls of the webhooks of one bot, and mails to it. */
  webhooks: { burst: 200, perSecond: 50 },
  customerWebhooks: { burst: 4_000, perSecond: 1_000 },
} as const satisfies Readonly<Record<string, RateLimit>>;

export type RateName = keyof typeof defaultRates;
export type RateTable = Readonly<Record<RateName, RateLimit>>;

/** The same table with everything so many times as often. */
export function scaleRates(table: RateTable, factor: number): RateTable {
  const entries = Object.entries(table).map(([name, { burst, perSecond }]) => [
    name,
    { burst: burst * factor, perSecond: perSecond * factor },
  ]);
  return Object.fromEntries(entries) as RateTable;
}
