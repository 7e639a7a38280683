import type { BotId, ChannelId, CustomerId, LogEvent, Seq, UserId } from 'gb-protocol';
import { LruMap } from 'gb-utils';
import type { Context } from '../context.ts';
import type { Heard, OutboxEntry } from '../ports/index.ts';
import type { Call, ConversationRunner } from './conversation-runner.ts';
import { toFileValue } from './file-value.ts';
import { FormDesk } from './form-desk.ts';

/**
 * Tells which entries of channel logs concern which bots. It consumes the event log, so every entry comes at least once;
 * the conversation's row remembers the last entry it has taken into account, so what comes twice is heard once.
 *
 * In a direct channel a bot answers everything. Elsewhere it answers who mentions it, in the thread of that message, and
 * goes on listening to that person in that thread while its program waits at a HEAR.
 */
export class BotDispatcher {
  readonly #ctx: Context;
  readonly #runner: ConversationRunner;
  readonly #forms: FormDesk;
  /**
   * Messages that were just posted here. Most entries of a busy channel concern no bot, and the event tells so: looking
   * each up in the database was a third of what a message in a channel with a bot cost. What is not here is read.
   */
  readonly #recent = new LruMap<string, LogEvent>(1_000);

  constructor(ctx: Context, runner: ConversationRunner) {
    this.#ctx = ctx;
    this.#runner = runner;
    this.#forms = new FormDesk(ctx);
    ctx.bus.onEvent(({ customerId, event }) => {
      if (event.kind === 'message.posted') this.#recent.set(recentKey(customerId, event.channelId, event.seq), event);
    });
  }

  async handle(entry: OutboxEntry): Promise<void> {
    if (entry.kind !== 'message.posted' && entry.kind !== 'member.joined') return;
    const bots = await this.#ctx.access.botsIn(entry.customerId, entry.channelId);
    if (bots.length === 0) return;
    const event =
      this.#recent.get(recentKey(entry.customerId, entry.channelId, entry.seq)) ??
      (await this.#ctx.store.read(entry.customerId, (tx) => tx.log.get(entry.channelId, entry.seq)));
    const access = await this.#ctx.access.channel(entry.customerId, entry.channelId, bots[0]!.userId);
    if (!event || !access || access.channel.isArchived) return;
    const isDirect = access.channel.kind === 'direct';
    const failures: unknown[] = [];
    for (const bot of bots) {
      try {
        await this.#tell(entry.customerId, isDirect, bot, event);
      } catch (error) {
        // The entry comes again for the sake of this one; the others are not to wait for it.
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  async #tell(customerId: CustomerId, isDirect: boolean, bot: { botId: BotId; userId: UserId }, event: LogEvent): Promise<void> {
    // What people do in a bot's place - answers of a desk, decisions - is no program's to hear.
    if (event.kind === 'message.posted' && (await this.#runner.desk.take(customerId, bot, event, isDirect))) return;
    const call = await this.#callFor(customerId, isDirect, bot, event);
    if (call && !(await this.#isTaken(call, event))) await this.#runner.hear(call);
  }

  async #isTaken(call: Call, event: LogEvent): Promise<boolean> {
    if (call.heard === null || event.kind !== 'message.posted') return false;
    return this.#forms.take({ ...call, message: event.message, text: call.heard.text });
  }

  /** What an event means to one bot; null when it is not its business. */
  async #callFor(
    customerId: CustomerId,
    isDirect: boolean,
    bot: { botId: BotId; userId: UserId },
    event: LogEvent,
  ): Promise<Call | null> {
    const base = { customerId, botId: bot.botId, botUserId: bot.userId, channelId: event.channelId, eventSeq: event.seq };
    if (event.kind === 'member.joined') {
      // Opening a direct channel with a bot starts its program, so that it can speak first.
      if (!isDirect || event.userId !== bot.userId || event.actorId === bot.userId) return null;
      return { ...base, userId: event.actorId, threadSeq: 0, heard: null };
    }
    if (event.kind !== 'message.posted' || event.message.deletedAt !== null) return null;
    const { byId } = await this.#ctx.directory.get(customerId);
    // Bots do not answer bots: two of them would talk for ever.
    if (!(await this.#ctx.directory.isPerson(customerId, event.actorId))) return null;
    const { message } = event;
    const heard: Omit<Heard, 'seq'> = {
      text: withoutMention(message.text, byId.get(bot.userId)?.handle),
      ...(message.attachments ? { files: message.attachments.map(toFileValue) } : {}),
      ...(message.formAnswer ? { form: message.formAnswer.values } : {}),
      ...(message.isSecret ? { isSecret: true } : {}),
    };
    if (isDirect) return { ...base, userId: event.actorId, threadSeq: message.threadSeq ?? 0, heard };
    const threadSeq = message.threadSeq ?? message.seq;
    if (message.mentions.includes(bot.userId)) return { ...base, userId: event.actorId, threadSeq, heard };
    if (message.threadSeq === null) return null;
    const open = await this.#ctx.store.read(customerId, (tx) =>
      tx.conversations.find({ botId: bot.botId, channelId: event.channelId, userId: event.actorId, threadSeq }),
    );
    const isListening = open !== null && ['waiting', 'asking', 'handed', 'parked'].includes(open.status);
    return isListening ? { ...base, userId: event.actorId, threadSeq, heard } : null;
  }
}

/** "@guide yes" answers a HEAR with "yes". */
function withoutMention(text: string, handle: string | undefined): string {
  if (!handle || !text.includes('@')) return text.trim();
  return text.replace(new RegExp(`(^|\\s)@${handle.replace(/[.\\-]/g, '\\$&')}(?![a-z0-9_-])[,:]?`, 'gi'), '$1').trim();
}

function recentKey(customerId: CustomerId, channelId: ChannelId, seq: Seq): string {
  return `${customerId}/${channelId}/${seq}`;
}
