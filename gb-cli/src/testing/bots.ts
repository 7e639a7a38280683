import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AccessCache,
  type BotRuntime,
  type Context,
  type ConversationStatus,
  commit,
  DirectoryCache,
  type HostOperations,
  postMessage,
  publishVersion,
  Quotas,
  type Store,
  uploadFile,
} from 'gb-core';
import { createInProcessCache, createInProcessEventBus, createInProcessRateLimits } from 'gb-messaging';
import type { BotId, ChannelId, ClientId, ConversationId, CustomerId, Message, UserId } from 'gb-protocol';
import { createDirectoryObjectStore, createPostgresTaskQueue, openPostgresKeyValueStore } from 'gb-storage';
import type { TestDatabase } from 'gb-storage/testing';
import { assert, silentLogger, sleep, uuidv7 } from 'gb-utils';
import type { OperationSet } from 'gb-vm/host';
import { createCalendar, createHostOperations, createPreviewHost } from 'gb-vm/host';
import { createBotRuntime, createProgramCompiler } from 'gb-vm/runtime';
import { type Bots, composeBots } from '../compose-bots.ts';
import { composeOperations } from '../compose-operations.ts';
import type { BotConfig } from '../config.ts';
import { createArgon2Hasher } from '../password-hasher.ts';

export interface BotWorldOptions {
  readonly sets?: readonly OperationSet[];
  readonly answersFreely?: HostOperations['answersFreely'];
  /** Stands between the product and its store, to lose it at will. */
  readonly wrapStore?: (store: Store) => Store;
  readonly wrapRuntime?: (runtime: BotRuntime) => BotRuntime;
  readonly wrapOperations?: (operations: HostOperations) => HostOperations;
  /** All operations the product has, with these engines, in place of `sets`. */
  readonly config?: BotConfig;
}

export interface TestBot {
  readonly botId: BotId;
  readonly userId: UserId;
  readonly handle: string;
}

/**
 * Bots on a real database with real workers, and a clock that the test moves. Nothing happens by itself: `settle` does
 * what is due, one thing after the other, until nothing is.
 */
export class BotWorld {
  readonly ctx: Context;
  readonly customerId: CustomerId;
  /** The first person, who owns the workspace. */
  readonly ana: UserId;
  readonly clock: { now: number };
  readonly #store: Store;
  readonly #options: BotWorldOptions;
  readonly #closers: (() => Promise<void> | void)[];
  #bots: Bots;
  #handles = 0;

  private constructor(
    ctx: Context,
    store: Store,
    facts: { customerId: CustomerId; ana: UserId; clock: { now: number } },
    options: BotWorldOptions,
    closers: (() => Promise<void> | void)[],
  ) {
    this.ctx = ctx;
    this.#store = store;
    this.customerId = facts.customerId;
    this.ana = facts.ana;
    this.clock = facts.clock;
    this.#options = options;
    this.#closers = closers;
    this.#bots = this.#compose();
  }

  static async open(database: TestDatabase, options: BotWorldOptions = {}): Promise<BotWorld> {
    const clock = { now: Date.now() };
    const time = { nowMs: () => clock.now };
    const store = await database.openStore({ clock: time });
    const bus = createInProcessEventBus({ log: silentLogger });
    const dir = mkdtempSync(join(tmpdir(), 'gb-bots-'));
    const objects = await createDirectoryObjectStore({ dir, log: silentLogger });
    const keyValues = await openPostgresKeyValueStore({ app: database.postgres.app, log: silentLogger });
    const tasks = createPostgresTaskQueue({ app: database.postgres.app, log: silentLogger });
    const runtime = createBotRuntime({ workers: 1 });
    const compiler = createProgramCompiler();
    const quotas = new Quotas({ store, bus, log: silentLogger });
    const composed = options.config && composeOperations(options.config, silentLogger, () => ctx);
    const ctx: Context = {
      store,
      bus,
      objects,
      tasks,
      keyValues,
      cache: createInProcessCache({ clock: time }),
      limits: createInProcessRateLimits({ clock: time }),
      quotas,
      clock: time,
      log: silentLogger,
      hasher: createArgon2Hasher(),
      access: new AccessCache({ store, bus, clock: time }),
      directory: new DirectoryCache({ store, bus, clock: time }),
      compiler,
      runtime,
      operations:
        composed?.operations ??
        createHostOperations({
          sets: options.sets ?? [],
          ...(options.answersFreely ? { answersFreely: options.answersFreely } : {}),
        }),
      calendar: createCalendar(),
      knowledge: composed?.knowledge(store) ?? { refresh: () => {}, settled: async () => {} },
      ...(composed ? { sheets: composed.sheets, mailReader: composed.mailReader } : {}),
      previewHost: createPreviewHost,
      packages: [],
    };
    const made = await store.createCustomer({
      organizationName: 'Acme',
      userName: 'Ana Prado',
      handle: 'ana',
      email: `ana.${uuidv7()}@example.org`,
      passwordHash: 'none',
      locale: 'en',
    });
    const closers = [
      () => tasks.close(),
      () => keyValues.close(),
      () => quotas.close(),
      () => composed?.close(),
      () => runtime.close(),
      () => compiler.close(),
      () => objects.close(),
      () => bus.close(),
      () => store.close(),
      () => rmSync(dir, { recursive: true, force: true }),
    ];
    return new BotWorld(ctx, store, { customerId: made.customerId, ana: made.userId, clock }, options, closers);
  }

  #compose(): Bots {
    const { wrapStore, wrapRuntime, wrapOperations } = this.#options;
    return composeBots({
      ...this.ctx,
      store: wrapStore ? wrapStore(this.#store) : this.#store,
      runtime: wrapRuntime ? wrapRuntime(this.ctx.runtime) : this.ctx.runtime,
      operations: wrapOperations ? wrapOperations(this.ctx.operations) : this.ctx.operations,
    });
  }

  /** As after a start of the server: nothing in memory is known any more. */
  restart(): void {
    this.#bots = this.#compose();
  }

  async person(name: string, locale: 'en' | 'pt-BR' = 'en'): Promise<UserId> {
    const id = uuidv7() as UserId;
    const handle = name.toLowerCase().replace(/[^a-z0-9]+/g, '.');
    const user = {
      id,
      kind: 'person',
      name,
      handle,
      role: 'member',
      email: `${handle}@example.org`,
      passwordHash: null,
      locale,
    } as const;
    await this.#store.transaction(this.customerId, (tx) => tx.users.insert(user));
    return id;
  }

  /** Makes a bot of scripts by their names, and publishes it. */
  async bot(
    scripts: Readonly<Record<string, string>> | string,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<TestBot> {
    const handle = `bot${++this.#handles}`;
    const userId = uuidv7() as UserId;
    const botId = uuidv7() as BotId;
    const named = typeof scripts === 'string' ? { 'start.bas': scripts } : scripts;
    const files = Object.entries(named).map(([name, text]) => ({ name, text }));
    await commit(this.ctx, this.customerId, async (tx) => {
      const account = { id: userId, kind: 'bot', name: `Bot ${this.#handles}`, handle, role: 'bot' } as const;
      const user = await tx.users.insert({ ...account, email: null, passwordHash: null, locale: 'en' });
      await tx.bots.insert({ id: botId, userId, description: '', origin: 'editor', files });
      const { logChannelId } = await tx.instance.get();
      return { result: null, entries: [{ channelId: logChannelId, actorId: this.ana, body: { kind: 'user.updated', user } }] };
    });
    await this.publish(botId, files, settings);
    return { botId, userId, handle };
  }

  async publish(
    botId: BotId,
    files: readonly { name: string; text: string }[],
    settings: Readonly<Record<string, string>> = {},
  ): Promise<number> {
    const config = Object.entries(settings).map(([name, value]) => `${name},"${value.replaceAll('"', '""')}"`);
    const all = config.length > 0 ? [...files, { name: 'config.csv', text: config.join('\n') }] : files;
    return publishVersion(this.ctx, this.customerId, { botId, files: all, publishedBy: this.ana, locale: 'en' });
  }

  /** The direct channel of two. */
  async direct(a: UserId, b: UserId): Promise<ChannelId> {
    const key = [a, b].sort().join(',');
    return this.#store.transaction(this.customerId, async (tx) => {
      const known = await tx.channels.byDirectKey(key);
      if (known) return known;
      const id = uuidv7() as ChannelId;
      await tx.channels.insert({ id, kind: 'direct', name: '', topic: '', directKey: key, createdBy: a });
      await tx.log.append([a, b].map((userId) => ({ channelId: id, actorId: a, body: { kind: 'member.joined', userId } })));
      await Promise.all([a, b].map((userId) => tx.channels.addMember(id, userId)));
      return id;
    });
  }

  async channel(name: string, members: readonly UserId[]): Promise<ChannelId> {
    const id = uuidv7() as ChannelId;
    await this.#store.transaction(this.customerId, async (tx) => {
      await tx.channels.insert({ id, kind: 'public', name, topic: '', directKey: null, createdBy: this.ana });
      for (const userId of members) await tx.channels.addMember(id, userId);
    });
    return id;
  }

  /** Says something, and has it heard. Mentions are written as `@handle`. */
  async say(from: UserId, channelId: ChannelId, text: string, more: { threadSeq?: number; mentions?: readonly UserId[] } = {}) {
    const { seq } = await this.#store.appendMessage(this.customerId, {
      channelId,
      authorId: from,
      clientId: uuidv7() as ClientId,
      text,
      threadSeq: more.threadSeq ?? null,
      mentions: more.mentions ?? [],
      mentionsChannel: false,
      suggestions: [],
    });
    await this.deliver(channelId, seq);
    return seq;
  }

  /** Says something with files, and has it heard. */
  async send(from: UserId, channelId: ChannelId, text: string, files: readonly { name: string; bytes: Uint8Array }[]) {
    const actor = { customerId: this.customerId, userId: from, role: 'member', sessionId: null } as const;
    const attachmentIds = [];
    for (const { name, bytes } of files) {
      const body = (async function* () {
        yield bytes;
      })();
      attachmentIds.push((await uploadFile(this.ctx, actor, { name, type: undefined, size: bytes.length, body })).id);
    }
    const input = { channelId, clientId: uuidv7() as ClientId, text, attachmentIds };
    const { seq } = await postMessage(this.ctx, actor, channelId, input);
    await this.deliver(channelId, seq);
    return seq;
  }

  /** As the event log does, at least once. */
  async deliver(channelId: ChannelId, seq: number): Promise<void> {
    this.ctx.access.forget(channelId);
    await this.#bots.dispatcher.handle({ id: '0', customerId: this.customerId, channelId, seq, kind: 'message.posted' });
  }

  /** Does what is due by the clock, in order, until nothing is. */
  async settle(): Promise<void> {
    for (let rounds = 0; rounds < 500; rounds++) {
      const nowMs = this.clock.now;
      const due = await this.#store.timers.take({ nowMs, untilMs: nowMs + 1, limit: 100, busy: [] });
      const mine = due.filter(({ customerId }) => customerId === this.customerId);
      if (mine.length === 0) return;
      for (const { kind, id } of mine) {
        if (kind === 'schedule') await this.#bots.alarms.handlers.schedule(this.customerId, id);
        else await this.#bots.runner.wake(this.customerId, id as ConversationId);
      }
      // What was taken and stays due comes again at once: the clock of a test stands still.
      this.clock.now += 2;
    }
    throw new Error('There always was something left to do.');
  }

  /**
   * The same where operations run scripts and wait for them: what is due is done side by side, as the server does it.
   */
  async settleTogether(): Promise<void> {
    const running = new Map<string, Promise<void>>();
    for (let rounds = 0; rounds < 20_000; rounds++) {
      // What ends while we look may leave something to do that we did not see.
      const isCalm = running.size === 0;
      const nowMs = this.clock.now;
      const due = await this.#store.timers.take({ nowMs, untilMs: nowMs + 1, limit: 100, busy: [] });
      const fresh = due.filter(({ customerId, id }) => customerId === this.customerId && !running.has(id));
      for (const { kind, id } of fresh) {
        const work =
          kind === 'schedule'
            ? this.#bots.alarms.handlers.schedule(this.customerId, id)
            : this.#bots.runner.wake(this.customerId, id as ConversationId);
        running.set(
          id,
          work.finally(() => running.delete(id)),
        );
      }
      if (isCalm && running.size === 0) return;
      await Promise.race([...running.values(), sleep(20)]);
      this.clock.now += 2;
    }
    throw new Error('There always was something left to do.');
  }

  async pass(ms: number): Promise<void> {
    this.clock.now += ms;
    await this.settle();
  }

  async messages(channelId: ChannelId, threadSeq?: number): Promise<readonly Message[]> {
    const page = await this.#store.read(this.customerId, (tx) =>
      tx.messages.page(channelId, { limit: 200, ...(threadSeq === undefined ? {} : { threadSeq }) }),
    );
    return page.messages;
  }

  /** What one of them said, in order. */
  async said(by: UserId, channelId: ChannelId, threadSeq?: number): Promise<string[]> {
    return (await this.messages(channelId, threadSeq)).filter(({ authorId }) => authorId === by).map(({ text }) => text);
  }

  async conversation(bot: TestBot, channelId: ChannelId, userId: UserId, threadSeq = 0) {
    const row = await this.#store.read(this.customerId, (tx) =>
      tx.conversations.find({ botId: bot.botId, channelId, userId, threadSeq }),
    );
    assert(row, 'there is such a conversation');
    return row;
  }

  /** How many of its conversations stand where, of at most 500. */
  async statuses(bot: TestBot): Promise<Readonly<Record<ConversationStatus, number>>> {
    const counts = { starting: 0, waiting: 0, asking: 0, handed: 0, finished: 0, failed: 0, parked: 0 };
    const { conversations } = await this.#store.read(this.customerId, (tx) =>
      tx.conversations.page(bot.botId, { limit: 500, snapshotHeadBytes: 0 }),
    );
    for (const { status } of conversations) counts[status] += 1;
    return counts;
  }

  async close(): Promise<void> {
    for (const closer of this.#closers) await closer();
  }
}
