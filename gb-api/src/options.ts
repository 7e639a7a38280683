import type { BotPreviews, Context } from 'gb-core';
import type { RateLimit } from 'gb-utils';

/** What the server needs to know beyond the domain. */
export interface ApiOptions {
  readonly ctx: Context;
  readonly previews: BotPreviews;
  /** Folder of the built web client; null serves the API alone. */
  readonly webDir: string | null;
  /** The address people type, when a proxy stands in front: its origin is allowed and decides whether cookies are secure. */
  readonly publicUrl: string | null;
  /** Trust X-Forwarded-* of a proxy on this machine or network. */
  readonly trustProxy: boolean;
  /** Organizations may sign up after the first. */
  readonly isOpenSignUp: boolean;
  readonly rates: RateLimits;
  /** WebSockets one person may have open here at a time: tabs, devices and programs of theirs. */
  readonly connectionsPerPersonMax: number;
  /** Answers whether the server should get traffic. */
  readonly isReady: () => Promise<void>;
}

export interface RateLimits {
  /** Messages of one person. */
  readonly messages: RateLimit;
  /** Frames of one connection, typing and subscriptions included. */
  readonly frames: RateLimit;
  /** REST calls of one person. */
  readonly requests: RateLimit;
  /** Attempts to sign in or up, per address and e-mail. */
  readonly logIns: RateLimit;
  /** The same per address alone. */
  readonly addresses: RateLimit;
}

export const defaultRates: RateLimits = {
  messages: { burst: 40, perSecond: 10 },
  frames: { burst: 400, perSecond: 100 },
  requests: { burst: 200, perSecond: 50 },
  logIns: { burst: 5, perSecond: 1 / 12 },
  addresses: { burst: 40, perSecond: 1 },
};
