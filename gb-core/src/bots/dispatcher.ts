import type { BotId, ChannelId, ClientId, ConversationId, CustomerId, LogEvent, Seq, UserId } from 'gb-protocol';
import { LruMap, uuidFromText } from 'gb-utils';
import { type Context, commit } from '../context.ts';
import { findMentions } from '../mentions.ts';
import { isAdmin } from '../policies/role.ts';
import type {
  CompiledProgram,
  ConversationRow,
  NewMessage,
  OutboxEntry,
  ProgramError,
  TurnLimits,
  TurnOutput,
  Tx,
} from '../ports/index.ts';
import { failureLine, needsFiles } from './log-lines.ts';
import { toMessages } from './replies.ts';

/** What one turn of a bot may spend. */
export const turnLimits: TurnLimits = {
  fuelMax: 50_000_000,
  wallMsMax: 5_000,
  memoryBytesMax: 16 * 1024 * 1024,
  snapshotBytesMax: 1024 * 1024,
  messagesMax: 50,
};

/**
 * Turns entries of channel logs into turns of bots. It consumes the event log, so every entry comes at least once; the
 * conversation's row remembers the last entry it has taken into account, and that mark, the new snapshot and the bot's
 * messages are committed together. A crash before the commit runs the same turn again and makes the same messages; a
 * crash after it finds the mark.
 *
 * In a direct channel a bot answers everything. Elsewhere it answers who mentions it, in the thread of that message, and
 * goes on listening to that person in that thread while its program waits at a HEAR.
 */
export class BotDispatcher {
  readonly #ctx: Context;
  /**
   * Messages that were just posted here. Most entries of a busy channel concern no bot, and the event tells so: looking
   * each up in the database was a third of what a message in a channel with a bot cost. What is not here is read.
   */
  readonly #recent = new LruMap<string, LogEvent>(1_000);

  constructor(ctx: Context) {
    this.#ctx = ctx;
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
    const { channel } = access;
    for (const bot of bots) {
      const call = await this.#callFor(entry.customerId, channel.kind === 'direct', bot, event);
      if (call) await this.#runTurn(call);
    }
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
      return { ...base, userId: event.actorId, threadSeq: 0, text: null };
    }
    if (event.kind !== 'message.posted' || event.message.deletedAt !== null) return null;
    const { byId } = await this.#ctx.directory.get(customerId);
    // Bots do not answer bots: two of them would talk for ever.
    if (byId.get(event.actorId)?.kind !== 'person') return null;
    const { message } = event;
    if (isDirect) return { ...base, userId: event.actorId, threadSeq: message.threadSeq ?? 0, text: message.text };
    const threadSeq = message.threadSeq ?? message.seq;
    if (message.mentions.includes(bot.userId)) return { ...base, userId: event.actorId, threadSeq, text: message.text };
    if (message.threadSeq === null) return null;
    const open = await this.#ctx.store.read(customerId, (tx) =>
      tx.conversations.find({ botId: bot.botId, channelId: event.channelId, userId: event.actorId, threadSeq }),
    );
    return open?.status === 'waiting' ? { ...base, userId: event.actorId, threadSeq, text: message.text } : null;
  }

  async #runTurn(call: Call): Promise<void> {
    // A turn is computed outside the transaction and saved only if the conversation is still where it was.
    for (let attempt = 0; attempt < 5; attempt++) if (await this.#tryTurn(call)) return;
    throw new Error('The conversation kept changing under the turn.');
  }

  async #tryTurn(call: Call): Promise<boolean> {
    const { store, clock, log } = this.#ctx;
    const key = { botId: call.botId, channelId: call.channelId, userId: call.userId, threadSeq: call.threadSeq };
    const before = await store.read(call.customerId, async (tx) => ({
      previous: await tx.conversations.find(key),
      published: await tx.bots.publishedHash(call.botId),
      person: await tx.users.get(call.userId),
      channel: await tx.channels.get(call.channelId),
    }));
    const { previous, person } = before;
    if (previous && previous.lastEventSeq >= call.eventSeq) return true;
    if (!person) return true;
    const resumes = previous?.status === 'waiting' && previous.snapshot !== null && call.text !== null;
    // Somebody opened the channel again while the program waits for them: nothing to start.
    if (call.text === null && previous !== null) return true;
    const hash = resumes ? previous.programHash : before.published;
    if (!hash) return true;
    const conversationId = resumes
      ? previous.id
      : ((await uuidFromText(
          `conversation:${call.botId}:${call.channelId}:${call.userId}:${call.threadSeq}:${call.eventSeq}`,
        )) as ConversationId);
    const output = await this.#ctx.runtime.runTurn({
      customerId: call.customerId,
      program: { hash, load: () => this.#loadProgram(call.customerId, hash) },
      snapshot: resumes ? previous.snapshot : null,
      answer: resumes ? await this.#withoutOwnMention(call) : null,
      nowMs: clock.nowMs(),
      seed: seedFrom(conversationId),
      locale: person.locale,
      variables: {
        username: person.name,
        handle: person.handle,
        role: person.role,
        locale: person.locale,
        channel: before.channel?.name ?? '',
        message: call.text === null ? '' : await this.#withoutOwnMention(call),
      },
      limits: turnLimits,
    });
    if (output.error) {
      // The sentence may quote what the person wrote: the log gets the code and the place.
      const { code, file, line } = output.error;
      log.warn({ customerId: call.customerId, botId: call.botId, conversationId, code, file, line }, 'A bot program failed');
    }
    const turn = resumes ? previous.turn + 1 : 1;
    const row: ConversationRow = {
      id: conversationId,
      ...key,
      programHash: hash,
      status: output.status,
      snapshot: output.snapshot,
      turn,
      lastEventSeq: call.eventSeq,
    };
    const messages = await this.#messagesOf(call, row, output, isAdmin(person), person.locale);
    return commit(this.#ctx, call.customerId, async (tx) => {
      const isMember = (await tx.channels.access(call.channelId, call.botUserId))?.isMember ?? false;
      const isSaved = await tx.conversations.save(row, previous);
      if (isSaved && output.error) await writeFailure(tx, row, output.error);
      // Not saved: another turn got in between, start over. Saved but put out of the channel meanwhile: stay silent.
      return { result: isSaved, messages: isSaved && isMember ? messages : [] };
    });
  }

  async #messagesOf(
    call: Call,
    row: ConversationRow,
    output: TurnOutput,
    seesDetails: boolean,
    locale: 'en' | 'pt-BR',
  ): Promise<NewMessage[]> {
    const { byHandle } = await this.#ctx.directory.get(call.customerId);
    const replies = [...output.replies];
    if (output.error) replies.push({ text: apology(output.error, seesDetails, locale) });
    return Promise.all(
      toMessages(replies).map(async ({ text, suggestions }, n) => ({
        channelId: call.channelId,
        authorId: call.botUserId,
        // The same turn run again makes the same ids, so its messages cannot appear twice.
        clientId: (await uuidFromText(`${row.id}:${row.turn}:${n}`)) as ClientId,
        text,
        threadSeq: call.threadSeq === 0 ? null : call.threadSeq,
        mentions: findMentions(text, byHandle).users,
        mentionsChannel: false,
        suggestions,
      })),
    );
  }

  async #loadProgram(customerId: CustomerId, hash: string): Promise<CompiledProgram> {
    const program = await this.#ctx.store.read(customerId, (tx) => tx.bots.program(hash));
    if (!program) throw new Error(`Program ${hash} is not in the database.`);
    return program;
  }

  /** "@guide yes" answers a HEAR with "yes". */
  async #withoutOwnMention(call: Call): Promise<string> {
    const { byId } = await this.#ctx.directory.get(call.customerId);
    const handle = byId.get(call.botUserId)?.handle;
    const text = call.text ?? '';
    if (!handle || !text.includes('@')) return text.trim();
    return text.replace(new RegExp(`(^|\\s)@${handle.replace(/[.\\-]/g, '\\$&')}(?![a-z0-9_-])[,:]?`, 'gi'), '$1').trim();
  }
}

interface Call {
  readonly customerId: CustomerId;
  readonly botId: BotId;
  readonly botUserId: UserId;
  readonly channelId: ChannelId;
  readonly userId: UserId;
  /** 0 outside threads. */
  readonly threadSeq: Seq;
  readonly eventSeq: Seq;
  /** What the person wrote; null when the program is to start without anybody having said anything. */
  readonly text: string | null;
}

/** In the transaction of the turn: a failure that was told to the person is in the log, and one that is run again is in it once. */
async function writeFailure(tx: Tx, { botId, programHash, id }: ConversationRow, error: ProgramError): Promise<void> {
  const version = await tx.bots.versionOf(botId, programHash);
  const files = version !== null && needsFiles(error) ? await tx.bots.versionFiles(botId, version) : null;
  await tx.botLog.write(botId, failureLine(error, { version, files: files ?? [], conversationId: id }));
}

function recentKey(customerId: CustomerId, channelId: ChannelId, seq: Seq): string {
  return `${customerId}/${channelId}/${seq}`;
}

function apology(error: { message: string; file: string; line: number }, seesDetails: boolean, locale: 'en' | 'pt-BR'): string {
  const place = seesDetails ? `\n\n> ${error.file}:${error.line}: ${error.message}` : '';
  return locale === 'pt-BR'
    ? `Algo deu errado no meu programa e parei aqui. Escreva de novo para recomeçar.${place}`
    : `Something went wrong in my program, so I stopped here. Write again to start over.${place}`;
}

function seedFrom(id: string): number {
  return Number.parseInt(id.slice(-8), 16) >>> 0;
}
