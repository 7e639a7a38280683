import type { CustomerId, Locale, LogEvent, Role, SessionId, UserId } from 'gb-protocol';
import type { Clock, Logger } from 'gb-utils';
import type { AccessCache } from './access-cache.ts';
import type { BotExample, BotPackage } from './bots/packages.ts';
import type { DirectoryCache } from './directory-cache.ts';
import type {
  BotRuntime,
  Cache,
  Calendar,
  EventBus,
  HostOperations,
  KeyValueStore,
  KnowledgeKeeper,
  MailReader,
  NewEntry,
  NewMessage,
  ObjectStore,
  PasswordHasher,
  PreviewHost,
  ProgramCompiler,
  RateLimits,
  SheetReader,
  SnapshotEditor,
  SnapshotMigrator,
  Store,
  TaskQueue,
  Tx,
  WebhookSender,
} from './ports/index.ts';
import { postedEvent } from './posted-event.ts';
import type { Quotas } from './quotas/quotas.ts';

/** What every command needs. Made once, by the composition root. */
export interface Context {
  readonly store: Store;
  readonly bus: EventBus;
  readonly objects: ObjectStore;
  /** Work for later, of all processes. */
  readonly tasks: TaskQueue;
  /** What is much and read seldom. */
  readonly keyValues: KeyValueStore;
  /** What can be had again, kept near for a while. */
  readonly cache: Cache;
  /** How often something may happen, over all processes. */
  readonly limits: RateLimits;
  /** What organizations may have, and have. */
  readonly quotas: Quotas;
  readonly clock: Clock;
  readonly log: Logger;
  readonly hasher: PasswordHasher;
  readonly access: AccessCache;
  readonly directory: DirectoryCache;
  readonly compiler: ProgramCompiler;
  readonly runtime: BotRuntime;
  readonly operations: HostOperations;
  readonly calendar: Calendar;
  /** Reads in what a bot's package has to know, in the background, and says in the bot's log what came of it. */
  readonly knowledge: KnowledgeKeeper;
  /** Tables and memories for trying a draft. */
  readonly previewHost: (options: { locale: Locale; settings: Readonly<Record<string, string>> }) => PreviewHost;
  /** Takes waiting conversations over to another version; without it that is refused. */
  readonly migrator?: SnapshotMigrator;
  /** Changes variables of waiting conversations; without it that is refused. */
  readonly editor?: SnapshotEditor;
  /** Reads the sheets of packages; without it a package with data is refused. */
  readonly sheets?: SheetReader;
  /** Reads mail for scripts; without it none is taken. */
  readonly mailReader?: MailReader;
  /** Calls webhooks of other systems; without it there are none. */
  readonly webhookSender?: WebhookSender;
  /** Bots every workspace has. */
  readonly packages: readonly BotPackage[];
  /** Bots that come with the program for people to begin with. */
  readonly examples?: readonly BotExample[];
}

/** Who acts: a person with a session, or a bot (which has none). */
export interface Actor {
  readonly customerId: CustomerId;
  readonly userId: UserId;
  readonly role: Role;
  readonly sessionId: SessionId | null;
}

/** What a change wants written besides its rows. */
export interface Changes<T> {
  readonly result: T;
  readonly entries?: readonly NewEntry[];
  readonly messages?: readonly NewMessage[];
}

/**
 * Runs a change and its log entries in one transaction and tells the bus after the commit: the only way a command that
 * is not a plain message writes. The entries are appended last, in one call, so that logs are locked in one global order.
 */
export async function commit<T>(ctx: Context, customerId: CustomerId, work: (tx: Tx) => Promise<Changes<T>>): Promise<T> {
  const transaction = ctx.store.transaction(customerId, async (tx) => {
    const changes = await work(tx);
    const entries = changes.entries ?? [];
    const messages = changes.messages ?? [];
    if (entries.length === 0 && messages.length === 0) return { result: changes.result, events: [] as LogEvent[], said: 0 };
    const appended = await tx.log.append(entries, messages);
    const posted = messages.map((message, i) => postedEvent(message, appended.messages[i]!));
    return { result: changes.result, events: [...appended.events, ...posted], said: messages.length };
  });
  const { result, events, said } = await ctx.quotas.watch(customerId, transaction);
  if (said > 0) ctx.quotas.messages.count(customerId, said);
  for (const event of events) ctx.bus.publish({ customerId, event });
  if (events.some(({ kind }) => kind in counted)) ctx.quotas.look(customerId);
  return result;
}

/** What tells of something that quotas count. */
const counted = { 'user.updated': true, 'bot.updated': true, 'channel.updated': true, 'channel.added': true };
