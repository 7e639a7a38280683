import type { QuotaFacts } from 'gb-protocol';
import { GbError } from 'gb-utils';

const sentences = {
  messages: (most) => `An organization sends at most ${most} messages a day.`,
  storage: (most) => `The files of an organization take at most ${most} bytes together.`,
  members: (most) => `An organization has at most ${most} members.`,
  channels: (most) => `An organization has at most ${most} channels; those that are archived do not count.`,
  bots: (most) => `An organization has at most ${most} bots.`,
  webhooks: (most) => `An organization has at most ${most} webhooks.`,
  connections: (most) => `An organization has at most ${most} connections at a time.`,
  calls: (most) => `A bot makes at most ${most} calls outside since the last answer.`,
} as const satisfies Record<QuotaFacts['name'], (most: number) => string>;

/** More of something than the customer may have. Nothing was done; what it was about stays with whoever asked. */
export class QuotaExceeded extends GbError {
  readonly facts: QuotaFacts;

  constructor(facts: QuotaFacts, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super('quota_exceeded', sentences[facts.name](facts.most), options);
    this.facts = facts;
  }
}
