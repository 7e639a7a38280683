import type { BotId, ClientId, CustomerId, EventBody, Locale, LogEvent, Me, Message, UserId } from 'gb-protocol';
import { uuidFromText } from 'gb-utils';
import { type Context, commit } from '../context.ts';
import { partsOf } from '../files/message-parts.ts';
import type { Approval, BotReply, ConversationRow, Handover, Heard, NewMessage, PostElsewhere, Tx } from '../ports/index.ts';
import { toFileValue } from './file-value.ts';
import { toMessages } from './replies.ts';
import { Superseded } from './superseded.ts';
import { announce } from './turn-runner.ts';

/**
 * A conversation in the hands of people. TRANSFER lets it wait for `handed:<id>` and posts to the desk, a channel of the
 * people who answer. From then on two things are carried, each by the log entry it came in: what the person writes goes
 * into the thread of that post, under the mark of the conversation's row; what is written in the thread goes to the
 * person, under the mark of the handover's row. An entry that is delivered twice is carried once, and a process that
 * dies in between leaves either both, the message and the mark, or none.
 *
 * `/done` in the thread ends it: the program goes on after TRANSFER. Approvals come back the same way: `/approve CODE`.
 */
const commands: Readonly<Record<string, Command['verb']>> = {
  take: 'take',
  assumir: 'take',
  done: 'done',
  fim: 'done',
  approve: 'approve',
  aprovar: 'approve',
  reject: 'reject',
  recusar: 'reject',
};
const attemptsMax = 5;

interface Command {
  readonly verb: 'take' | 'done' | 'approve' | 'reject';
  readonly code: string | null;
}

interface BotAccount {
  readonly botId: BotId;
  readonly userId: UserId;
}

type Posted = LogEvent & Extract<EventBody, { kind: 'message.posted' }>;

export const handedEvent = (id: string): string => `handed:${id}`;
export const approvalEvent = (id: string): string => `approval:${id}`;

export class Desk {
  readonly #ctx: Context;
  readonly #onDue: (atMs: number) => void;

  constructor(ctx: Context, onDue: (atMs: number) => void) {
    this.#ctx = ctx;
    this.#onDue = onDue;
  }

  /** True when an entry was meant for the people behind a bot, so that no program hears it. */
  async take(customerId: CustomerId, bot: BotAccount, event: Posted, isDirect: boolean): Promise<boolean> {
    const { message } = event;
    const command = readCommand(message.text);
    if (message.deletedAt !== null || (command === null && message.threadSeq === null && !isDirect)) return false;
    const { byId } = await this.#ctx.directory.get(customerId);
    if (byId.get(event.actorId)?.kind !== 'person') return false;
    if (command?.verb === 'approve' || command?.verb === 'reject') {
      if (!isDirect || command.code === null) return false;
      return this.#decide(customerId, bot, event, command.verb === 'approve', command.code);
    }
    const handover = await this.#ctx.store.read(customerId, (tx) => handoverOf(tx, bot, message, command, isDirect));
    if (!handover) return false;
    await this.#again(() => this.#fromDesk(customerId, bot, handover.id, message, command));
    return true;
  }

  /** Carries what the person wrote into the thread of the desk. False when nobody there answers any more. */
  async toDesk(customerId: CustomerId, row: ConversationRow, heard: Heard): Promise<boolean> {
    return commit(this.#ctx, customerId, async (tx) => {
      const handover = await tx.handovers.ofConversation(row.id);
      const threadSeq = handover && isOpen(handover, row) ? await tx.handovers.threadOf(handover) : null;
      const bot = handover && (await tx.bots.get(row.botId));
      if (!handover || threadSeq === null || !bot) return { result: false };
      if (!(await tx.channels.access(handover.deskId, bot.userId))?.isMember) {
        this.#ctx.log.warn({ customerId, botId: bot.id, handoverId: handover.id }, 'A bot was taken out of its desk');
        return { result: false };
      }
      if (!(await tx.conversations.save({ ...row, lastEventSeq: heard.seq }, row))) throw new Superseded();
      const person = await tx.users.get(row.userId);
      const reply = quoted(
        person,
        heard.text,
        (heard.files ?? []).map(({ file }) => file),
      );
      const post = { channelId: handover.deskId, threadSeq, reply };
      return { result: true, messages: await carried(tx, bot.userId, [post], `desk:${handover.id}:in:${heard.seq}`) };
    });
  }

  async #fromDesk(customerId: CustomerId, bot: BotAccount, id: string, message: Message, command: Command | null): Promise<void> {
    const isEnded = await commit(this.#ctx, customerId, async (tx) => {
      const handover = await tx.handovers.get(id);
      if (!handover || !(await tx.handovers.mark(id, message.seq))) return { result: false };
      const step = await this.#answer(tx, handover, message, command);
      const messages = await carried(tx, bot.userId, step.posts, `desk:${id}:out:${message.seq}`);
      return { result: step.isEnded, messages };
    });
    if (isEnded) this.#onDue(this.#ctx.clock.nowMs());
  }

  /** What an entry of the desk means, with its rows changed: what is said to the person and in the thread. */
  async #answer(
    tx: Tx,
    handover: Handover,
    message: Message,
    command: Command | null,
  ): Promise<{ posts: readonly PostElsewhere[]; isEnded: boolean }> {
    const nowMs = this.#ctx.clock.nowMs();
    const row = await tx.conversations.get(handover.conversationId);
    const by = await tx.users.get(message.authorId);
    const thread = message.threadSeq ?? (await tx.handovers.threadOf(handover));
    const inThread = (said: Said): PostElsewhere => ({
      channelId: handover.deskId,
      threadSeq: thread,
      reply: { text: sayTo(by, said) },
    });
    if (!row || !isOpen(handover, row) || row.channelId === null) {
      if (handover.closedAt === null) await tx.handovers.change(handover.id, { closedAt: nowMs });
      return { posts: [inThread(saidTexts.isOver)], isEnded: false };
    }
    const place = { channelId: row.channelId, threadSeq: row.threadSeq === 0 ? null : row.threadSeq };
    const taken = { takenBy: message.authorId, takenAt: nowMs };
    if (command?.verb === 'done') {
      const change = { closedBy: message.authorId, closedAt: nowMs, ...(handover.takenBy === null ? taken : {}) };
      await tx.handovers.change(handover.id, change);
      const minutes = Math.round((nowMs - handover.openedAt) / 6_000) / 10;
      await announce(tx, handedEvent(handover.id), { value: { by: by?.name ?? '', handle: by?.handle ?? '', minutes } }, nowMs);
      return { posts: [inThread(saidTexts.done)], isEnded: true };
    }
    if (command?.verb === 'take') {
      if (handover.takenBy !== null && handover.takenBy !== message.authorId) {
        const other = (await tx.users.get(handover.takenBy))?.name ?? '';
        return { posts: [inThread({ en: `${bold(other)} has it.`, pt: `${bold(other)} já assumiu.` })], isEnded: false };
      }
      await tx.handovers.change(handover.id, taken);
      const person = await tx.users.get(row.userId);
      const name = by?.name ?? '';
      const hello = { en: `${bold(name)} is here now.`, pt: `${bold(name)} está aqui agora.` };
      const posts = [{ ...place, reply: { text: sayTo(person, hello) } }, inThread(saidTexts.taken(name))];
      return { posts: handover.takenBy === null ? posts : [], isEnded: false };
    }
    if (handover.takenBy === null) await tx.handovers.change(handover.id, taken);
    const reply = quoted(
      by,
      message.text,
      (message.attachments ?? []).map(toFileValue).map(({ file }) => file),
    );
    return { posts: [{ ...place, reply }], isEnded: false };
  }

  /** An answer to HUMAN APPROVAL. False when this person was not asked under this code. */
  async #decide(customerId: CustomerId, bot: BotAccount, event: Posted, isApproved: boolean, code: string): Promise<boolean> {
    const { message } = event;
    return this.#again(async () => {
      const isTaken = await commit(this.#ctx, customerId, async (tx) => {
        const nowMs = this.#ctx.clock.nowMs();
        const approval = await tx.approvals.byCode(bot.botId, message.authorId, code);
        if (!approval) return { result: false };
        if (approval.decidedSeq === message.seq) return { result: true };
        const said = await this.#decideOnce(tx, approval, isApproved, message, nowMs);
        const by = await tx.users.get(message.authorId);
        const posts = [{ channelId: message.channelId, threadSeq: message.threadSeq, reply: { text: sayTo(by, said) } }];
        return { result: true, messages: await carried(tx, bot.userId, posts, `approval:${approval.id}:${message.seq}`) };
      });
      if (isTaken) this.#onDue(this.#ctx.clock.nowMs());
      return isTaken;
    });
  }

  async #decideOnce(tx: Tx, approval: Approval, isApproved: boolean, message: Message, nowMs: number): Promise<Said> {
    if (approval.decidedAt !== null) return approval.isApproved ? saidTexts.alreadyApproved : saidTexts.alreadyRejected;
    if (approval.expiresAt !== null && approval.expiresAt <= nowMs) return saidTexts.tooLate;
    if (!(await tx.approvals.decide(approval.id, { isApproved, at: nowMs, seq: message.seq }))) throw new Superseded();
    await announce(tx, approvalEvent(approval.id), { value: isApproved }, nowMs);
    return isApproved ? saidTexts.approved : saidTexts.rejected;
  }

  /** The conversation may change in the middle: then all of it is looked at again. */
  async #again<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Superseded) || attempt >= attemptsMax) throw error;
      }
    }
  }
}

/** What a message at a desk is about: the one it names, the one of its thread, or the only one two people talk about. */
async function handoverOf(
  tx: Tx,
  bot: BotAccount,
  message: Message,
  command: Command | null,
  isDirect: boolean,
): Promise<Handover | null> {
  if (command?.code) {
    const named = await tx.handovers.byCode(command.code, bot.userId);
    return named?.botId === bot.botId && named.deskId === message.channelId ? named : null;
  }
  if (message.threadSeq !== null) {
    const ofThread = await tx.handovers.ofThread(bot.botId, message.channelId, message.threadSeq);
    return ofThread?.closedAt === null ? ofThread : null;
  }
  const [only, another] = isDirect ? await tx.handovers.atDesk(bot.botId, message.channelId) : [];
  // The desk of one person: what they write there before they take anything over is said to the bot.
  return only && !another && (command !== null || only.takenBy === message.authorId) ? only : null;
}

function isOpen(handover: Handover, row: ConversationRow): boolean {
  return handover.closedAt === null && row.status === 'handed' && row.waitsFor === handedEvent(handover.id);
}

function readCommand(text: string): Command | null {
  const [, word = '', code] = /^\s*(?:@[\w.-]+[,:]?\s+)?\/(\p{L}{3,10})(?:\s+([2-9A-Z]{6}))?\s*$/iu.exec(text) ?? [];
  const verb = Object.hasOwn(commands, word.toLowerCase()) ? commands[word.toLowerCase()] : undefined;
  return verb === undefined ? null : { verb, code: code?.toUpperCase() ?? null };
}

/** As messages of the bot, with ids made of the entry they carry. They mention nobody: who wrote them may not reach everybody. */
async function carried(tx: Tx, botUserId: UserId, posts: readonly PostElsewhere[], key: string): Promise<NewMessage[]> {
  const messages: NewMessage[] = [];
  for (const { channelId, threadSeq, reply } of posts) {
    const access = await tx.channels.access(channelId, botUserId);
    if (!access?.isMember || access.channel.isArchived) continue;
    for (const part of toMessages([reply])) {
      const parts = await partsOf(tx, botUserId, part);
      messages.push({
        channelId,
        authorId: botUserId,
        clientId: (await uuidFromText(`${key}:${messages.length}`)) as ClientId,
        text: part.text,
        threadSeq,
        mentions: [],
        mentionsChannel: false,
        suggestions: part.suggestions,
        ...(parts ? { parts } : {}),
      });
    }
  }
  return messages;
}

function quoted(by: Me | null, text: string, files: readonly string[]): BotReply {
  return { text: `${bold(by?.name ?? '?')}: ${text}`, ...(files.length > 0 ? { files } : {}) };
}

/** A name as it is, in words of a bot: somebody called `[here](https://…)` is no link. */
export function bold(name: string): string {
  return `**${name.replace(/([\\*_`[\]<>])/g, '\\$1')}**`;
}

interface Said {
  readonly en: string;
  readonly pt: string;
}

function sayTo(person: { readonly locale: Locale } | null, said: Said): string {
  return person?.locale === 'pt-BR' ? said.pt : said.en;
}

const saidTexts = {
  isOver: { en: 'This conversation has gone on without you.', pt: 'Esta conversa já seguiu sem você.' },
  done: { en: 'Done. The bot goes on from here.', pt: 'Encerrado. O robô continua daqui.' },
  taken: (name: string): Said => ({
    en: `${bold(name)} took over. What is written in this thread is said to the person; /done ends it.`,
    pt: `${bold(name)} assumiu. O que for escrito neste tópico é dito à pessoa; /fim encerra.`,
  }),
  approved: { en: 'Thank you: approved.', pt: 'Obrigado: aprovado.' },
  rejected: { en: 'Thank you: rejected.', pt: 'Obrigado: recusado.' },
  alreadyApproved: { en: 'This is decided already: approved.', pt: 'Isto já foi decidido: aprovado.' },
  alreadyRejected: { en: 'This is decided already: rejected.', pt: 'Isto já foi decidido: recusado.' },
  tooLate: { en: 'The time to decide this is over.', pt: 'O tempo para decidir isto acabou.' },
} as const;
