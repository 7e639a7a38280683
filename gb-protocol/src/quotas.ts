/**
 * What a customer may have so much of. `messages` are those of a day; `calls` is what one conversation of a bot may ask of
 * the outside since somebody last said something, and so a bound that nothing is added up for.
 */
export const quotaNames = ['messages', 'storage', 'members', 'channels', 'bots', 'webhooks', 'connections', 'calls'] as const;
export type QuotaName = (typeof quotaNames)[number];

/** A refusal in numbers: bytes of `storage`, pieces of everything else. */
export interface QuotaFacts {
  readonly name: QuotaName;
  readonly used: number;
  readonly most: number;
}

export interface QuotaUse {
  readonly name: QuotaName;
  /** null for what is not added up. */
  readonly used: number | null;
  /** null: as much as they like. */
  readonly most: number | null;
}

/** What an organization uses of what it may have. */
export interface Usage {
  readonly quotas: readonly QuotaUse[];
  /** When the messages of the day are counted anew. */
  readonly dayEndsAt: number;
}
