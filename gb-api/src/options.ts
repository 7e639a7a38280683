import type { BotPreviews, Context, Rates } from 'gb-core';
import type { GatewayTuning } from './gateway/tuning.ts';

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
  readonly rates: Rates;
  /** WebSockets one person may have open here at a time: tabs, devices and programs of theirs. */
  readonly connectionsPerPersonMax: number;
  /** What this process does not do is refused with 503, so that a proxy asks another one. Everything, when not given. */
  readonly serves?: { readonly api: boolean; readonly gateway: boolean };
  /** From what on the gateway gives up something to keep up; `defaultTuning` for what is not said. */
  readonly gateway?: Partial<GatewayTuning>;
  /** Answers whether the server should get traffic. */
  readonly isReady: () => Promise<void>;
}
