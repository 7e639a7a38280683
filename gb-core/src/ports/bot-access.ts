import type { BotId, ChannelId, ConversationId, Locale, UserId } from 'gb-protocol';

/** A key of one bot, without the token, of which only a hash is kept. */
export interface BotKeyRow {
  readonly id: string;
  readonly botId: BotId;
  readonly name: string;
  readonly createdBy: UserId;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}

export interface BotKeyRepository {
  insert(key: Omit<BotKeyRow, 'lastUsedAt'> & { readonly tokenHash: Uint8Array }): Promise<void>;
  /** The oldest first. */
  list(botId: BotId): Promise<readonly BotKeyRow[]>;
  /** With whether its bot's account is active. */
  byTokenHash(hash: Uint8Array): Promise<(BotKeyRow & { readonly isBotActive: boolean }) | null>;
  touch(id: string, lastUsedAt: number): Promise<void>;
  delete(botId: BotId, id: string): Promise<boolean>;
}

/** Somebody who talks to one bot from elsewhere, without an account. */
export interface BotContact {
  readonly userId: UserId;
  readonly botId: BotId;
  /** How the connector calls them; unique for each bot. */
  readonly key: string;
  readonly name: string;
  readonly locale: Locale;
}

export interface BotContactRepository {
  get(botId: BotId, key: string): Promise<BotContact | null>;
  /** The contact an account is; null for everybody else. */
  byUser(userId: UserId): Promise<BotContact | null>;
  /** The contact a direct channel is with, and null for every channel that is not one of a bot with a contact of its own. */
  byChannel(channelId: ChannelId): Promise<BotContact | null>;
  /** Those among these accounts that are contacts. */
  many(userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, BotContact>>;
  /** The account, active, a guest, with a log of its own. Runs the transaction again when somebody made it at the same moment. */
  insert(contact: BotContact & { readonly handle: string }): Promise<void>;
}

/** A conversation with the program it waits in. */
export interface OutdatedConversation {
  readonly id: ConversationId;
  readonly script: string;
  readonly programHash: string;
}
