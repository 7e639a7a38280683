import { createHash } from 'node:crypto';
import type { Bot } from 'gb-protocol';
import { type BotId, type ConversationId, type CustomerId, entryKey, limits, type MailTaken } from 'gb-protocol';
import { GbError, isUuid, RateLimiter, uuidv7 } from 'gb-utils';
import { startChangeRuns } from '../bots/change-runs.ts';
import { botLine } from '../bots/log-lines.ts';
import { bodyMax, cutToJson, filesOf, listedMax, type MailFile, mailFolder, paramsMax, textName } from '../bots/mail-files.ts';
import { isAt, type MailTrigger, recipientFor } from '../bots/mail-match.ts';
import { newRunRow } from '../bots/runs.ts';
import type { Context } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import { toFileValue } from '../files/drive.ts';
import { keepFile } from '../files/keep-file.ts';
import type { FileRow, PlainValue, ReceivedMail, Tx } from '../ports/index.ts';
import { expectProof, type Proof, proveSecret } from './webhook-secret.ts';

export interface MailPlace {
  readonly customerId: CustomerId;
  readonly botId: BotId;
}

/** Who a mail goes to and comes from by what servers told each other, which its own headers need not say. */
export interface MailEnvelope {
  readonly to: readonly string[];
  /** Empty for reports, which nobody may answer; null when nothing was told. */
  readonly from: string | null;
}

/** The empty sender of reports, also as Postfix writes it. */
const nobody = /^<?\s*>?$|^<?mailer-daemon(@|>?$)/i;
/** Files lie without a place until the scripts are started; a crash in between leaves them to the sweep after this long. */
const unplacedMsMax = 3_600_000;
/** Lines of one bot's log about mail that starts nothing: junk must not push out what else its owner has to read. */
const lines = new RateLimiter({ burst: 30, perSecond: 1 / 60 });

/**
 * Refuses before the body is read: `not_found` where nobody waits for mail, `unauthenticated` without a proof. Gives
 * whether the secret itself was shown.
 */
export async function expectMail(ctx: Context, place: MailPlace, proof: Proof): Promise<boolean> {
  return expectProof((await mailbox(ctx, place)).secret, proof);
}

/**
 * Takes a mail for the scripts with ON EMAIL. Returning means that it is dealt with for good: its attachments are in the
 * drive and its scripts are stored as runs, or it starts nothing and the bot's log says why. A mail is known by its
 * Message-ID, else by what it says: the same one again, to the same script, starts nothing, for `runsKeptDaysMax` days.
 *
 * Fails with what `MailReader` fails with, `quota_exceeded` when there is no room for files or runs, and as `expectMail`.
 */
export async function receiveMail(
  ctx: Context,
  place: MailPlace,
  envelope: MailEnvelope,
  request: Proof & { readonly rawBody: Uint8Array },
): Promise<MailTaken> {
  const box = await mailbox(ctx, place);
  proveSecret(box.secret, request, ctx.clock.nowMs());
  if (!ctx.mailReader) throw fail('unavailable', 'This server takes no mail.');
  if (request.rawBody.byteLength > limits.mailBytesMax)
    throw fail('too_large', `A mail has at most ${limits.mailBytesMax} bytes.`);
  const delivery = new MailDelivery(ctx, place, box);
  try {
    const mail = await ctx.mailReader.read(request.rawBody, { customerId: place.customerId });
    return await delivery.take(mail, envelope);
  } catch (error) {
    // Who sent it hears of it by their server, perhaps days later; whose bot it is may be able to help now.
    if (error instanceof GbError && !error.retryable)
      await delivery.log('error', 'mail_refused', `A mail was refused: ${error.message}`);
    throw error;
  }
}

interface Mailbox {
  readonly bot: Bot;
  readonly triggers: readonly MailTrigger[];
  readonly settings: Readonly<Record<string, string>>;
  readonly secret: string;
}

async function mailbox(ctx: Context, { customerId, botId }: MailPlace): Promise<Mailbox> {
  if (!isUuid(customerId) || !isUuid(botId)) throw notFound('bot');
  const found = await ctx.store.read(customerId, async (tx) => {
    const bot = await tx.bots.get(botId);
    const account = bot && (await tx.users.get(bot.userId));
    return bot && account?.isActive ? { bot, about: (await tx.bots.published(botId))?.about } : null;
  });
  const triggers = (found?.about?.manifest.triggers ?? []).filter((one): one is MailTrigger => one.kind === 'email');
  if (!found || triggers.length === 0) throw notFound('bot');
  const settings = found.about?.settings ?? {};
  const secret = settings['webhook-secret']?.trim() ?? '';
  // Unlike a webhook, which may be called with anything: mail is as large as it likes, and who sent it is believed.
  if (secret === '') throw fail('unauthenticated', 'This bot takes no mail before its config.csv has a webhook-secret.');
  return { bot: found.bot, triggers, settings, secret };
}

class MailDelivery {
  readonly #ctx: Context;
  readonly #place: MailPlace;
  readonly #box: Mailbox;

  constructor(ctx: Context, place: MailPlace, box: Mailbox) {
    this.#ctx = ctx;
    this.#place = place;
    this.#box = box;
  }

  async take(mail: ReceivedMail, envelope: MailEnvelope): Promise<MailTaken> {
    const recipients = [...envelope.to, ...mail.to, ...mail.cc];
    if (mail.automatic === 'answer' || nobody.test(envelope.from ?? 'somebody')) return this.#automatic(mail, recipients);
    if (this.#isOwn(mail)) {
      await this.log('info', 'mail_own', `A mail of this bot itself${about(mail, recipients)} started nothing.`);
      return { outcome: 'automatic', runIds: [] };
    }
    const scripts = this.#scriptsFor(mail, recipients);
    if (scripts.size === 0) {
      if (mail.automatic === 'generated') return this.#automatic(mail, recipients);
      await this.log('info', 'mail_unwanted', `No ON EMAIL waits for the mail${about(mail, recipients)}.`);
      return { outcome: 'unwanted', runIds: [] };
    }
    if (await this.#isKnown(mail, scripts)) return { outcome: 'again', runIds: [] };
    const nowMs = this.#ctx.clock.nowMs();
    const folder = mailFolder(mail, uuidv7(nowMs).slice(-12), nowMs);
    const kept = await this.#keep(mail);
    const runIds = await this.#start(mail, scripts, folder, kept, nowMs);
    if (runIds.length === 0) return { outcome: 'again', runIds: [] };
    this.#ctx.bus.signal({ type: 'due', customerId: this.#place.customerId, atMs: nowMs });
    return { outcome: 'started', runIds };
  }

  /** For the owner, and about no more than which mail it was. */
  async log(level: 'info' | 'error', code: string, message: string): Promise<void> {
    const { customerId, botId } = this.#place;
    if (lines.take(`${customerId}:${botId}`, this.#ctx.clock.nowMs()) > 0) return;
    await this.#ctx.store.transaction(customerId, (tx) => tx.botLog.write(botId, botLine(level, code, message)));
  }

  /**
   * Two programs that answer each other do so for ever. So nothing is started by what comes from an address this bot
   * sends from or takes mail at, or has a Message-ID as our mailer makes them.
   */
  #isOwn({ from, messageId }: ReceivedMail): boolean {
    const { settings, triggers } = this.#box;
    const senders = [
      ...(this.#ctx.mailReader?.senders ?? []),
      ...Object.entries(settings)
        .filter(([name]) => /^mail-.+-from$/.test(name))
        .map(([, value]) => (/<([^<>]+)>\s*$/.exec(value)?.[1] ?? value).trim().toLowerCase()),
    ];
    const own = [...senders, ...triggers.map(({ address }) => address ?? '').filter((address) => /^[^@*]+@/.test(address))];
    if (from && own.some((address) => isAt(address, from.address))) return true;
    const [, domain] = /^<[0-9a-f]{40}@(.+)>$/.exec(messageId ?? '') ?? [];
    return domain !== undefined && senders.some((address) => address.endsWith(`@${domain.toLowerCase()}`));
  }

  async #automatic(mail: ReceivedMail, recipients: readonly string[]): Promise<MailTaken> {
    await this.log('info', 'mail_automatic', `A mail that a program sent${about(mail, recipients)} started nothing.`);
    return { outcome: 'automatic', runIds: [] };
  }

  /**
   * Each script once, with the address by which the mail is for it. What a program wrote by itself - a shop's invoice, and
   * also what bots send - is for those alone that say from whom they take mail.
   */
  #scriptsFor(mail: ReceivedMail, recipients: readonly string[]): ReadonlyMap<string, string> {
    const scripts = new Map<string, string>();
    for (const trigger of this.#box.triggers) {
      if (mail.automatic === 'generated' && trigger.from === null) continue;
      const recipient = recipientFor(trigger, mail, recipients);
      if (recipient !== null && !scripts.has(entryKey(trigger))) scripts.set(entryKey(trigger), recipient);
    }
    return scripts;
  }

  /** Whether all of it was started before; also says in time that there is no room for more. */
  #isKnown(mail: ReceivedMail, scripts: ReadonlyMap<string, string>): Promise<boolean> {
    return this.#ctx.store.read(this.#place.customerId, async (tx) => {
      for (const script of scripts.keys()) {
        const { id } = await this.#row(tx, mail, script, {}, this.#ctx.clock.nowMs());
        if (!(await tx.conversations.get(id))) return false;
      }
      return true;
    });
  }

  /** The bytes first, without a place: they are many, and a transaction is short. */
  async #keep(mail: ReceivedMail): Promise<readonly { readonly file: MailFile; readonly row: FileRow }[]> {
    const isLong = JSON.stringify(mail.text).length > bodyMax;
    const whole = { name: textName, type: 'text/plain', bytes: new TextEncoder().encode(mail.text), isInline: false };
    const kept: { file: MailFile; row: FileRow }[] = [];
    for (const file of [...filesOf(mail.attachments), ...(isLong ? [whole] : [])]) {
      const row = await keepFile(this.#ctx, {
        customerId: this.#place.customerId,
        ownerId: this.#box.bot.userId,
        botId: this.#place.botId,
        name: file.name,
        type: file.type,
        body: file.bytes,
        size: file.bytes.byteLength,
        stay: { forMs: unplacedMsMax },
      });
      kept.push({ file, row });
    }
    return kept;
  }

  /** All of the scripts and all of the files, or nothing. Gives the runs that are new; without any, no file is placed. */
  #start(
    mail: ReceivedMail,
    scripts: ReadonlyMap<string, string>,
    folder: string,
    kept: readonly { readonly file: MailFile; readonly row: FileRow }[],
    nowMs: number,
  ): Promise<readonly ConversationId[]> {
    const { customerId, botId } = this.#place;
    return this.#ctx.store.transaction(customerId, async (tx) => {
      const started: ConversationId[] = [];
      for (const [script, recipient] of scripts) {
        const run = await this.#row(tx, mail, script, paramsOf(mail, recipient, folder, kept), nowMs);
        // False when there is one of this key.
        if (await tx.conversations.save(run, null)) started.push(run.id);
      }
      if (started.length === 0) return started;
      if (kept.length > 0 && (await tx.files.countPlaced(botId)) + kept.length > limits.filesPerBotMax)
        throw fail('quota_exceeded', `The drive of a bot holds at most ${limits.filesPerBotMax} files.`);
      for (const { file, row } of kept) {
        const place = { botId, folder: 'drive', path: `${folder}/${file.name}` } as const;
        const placed = await tx.files.move(row.id, place);
        if (!placed) throw fail('unavailable', 'A file of the mail went while it was taken; send it again.');
        const change = { customerId, botId, folder: place.folder, path: place.path, event: 'created', depth: 0, nowMs } as const;
        await startChangeRuns(tx, { ...change, file: toFileValue(placed) });
      }
      return started;
    });
  }

  #row(tx: Tx, mail: ReceivedMail, script: string, params: Readonly<Record<string, PlainValue>>, nowMs: number) {
    // It may be as long as a header.
    const known = createHash('sha256')
      .update(mail.messageId ?? `content:${mail.contentHash}`)
      .digest('hex');
    const key = `mail:${known}:${script}`;
    return newRunRow(tx, { script, params, cause: 'event', key, botId: this.#place.botId, nowMs });
  }
}

/** What the script finds set. */
function paramsOf(
  mail: ReceivedMail,
  recipient: string,
  folder: string,
  kept: readonly { readonly file: MailFile; readonly row: FileRow }[],
): Readonly<Record<string, PlainValue>> {
  const { from, to, cc, replyTo, subject, sentAt, messageId, headers } = mail;
  const valueFor = ({ file, row }: (typeof kept)[number]) => ({
    ...toFileValue(row),
    path: `${folder}/${file.name}`,
    inline: file.isInline,
  });
  const [whole] = kept.filter(({ file }) => file.name === textName);
  const attachments = kept.filter((one) => one !== whole);
  const rest = {
    from: from?.address ?? '',
    sender: from?.name || (from?.address ?? ''),
    to: listed(to),
    cc: listed(cc),
    recipient,
    reply_to: replyTo ?? from?.address ?? '',
    subject,
    sent_at: sentAt === null ? '' : new Date(sentAt).toISOString(),
    message_id: (messageId ?? '').slice(0, 300),
    headers,
    folder: kept.length > 0 ? folder : '',
    attachments: attachments.slice(0, listedMax).map(valueFor),
    body_file: whole ? valueFor(whole) : null,
  };
  const left = paramsMax - JSON.stringify(rest).length;
  return { ...rest, body: cutToJson(mail.text, Math.min(bodyMax, left)) };
}

/** As SEND MAIL takes them. */
function listed(addresses: readonly string[]): string {
  const text = addresses.join(', ');
  return text.length <= 1_000 ? text : text.slice(0, text.lastIndexOf(',', 1_000));
}

function about({ messageId }: ReceivedMail, recipients: readonly string[]): string {
  const to = recipients[0] === undefined ? '' : ` to ${recipients[0].slice(0, 100)}`;
  return `${to}${messageId === null ? '' : `, ${messageId.slice(0, 120)}`}`;
}
