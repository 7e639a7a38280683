import { createHash } from 'node:crypto';
import type { BotReply, MailAttachment, Mailer, OutgoingMail, OutsideCall, PlainValue, RateLimits } from 'gb-core';
import { LruMap, RateLimiter } from 'gb-utils';
import { boundedText, filePlain, readFile, textOf, textsOf } from '../ai/arguments.ts';
import { type Args, OperationFailed, type OperationSet, settingMissing } from '../operation.ts';
import type { HttpClient } from '../web/http-client.ts';
import { webState } from '../web/web-state.ts';
import { isAddress, isTelephone, readAddresses } from './addresses.ts';
import { type GatewayMessage, type GatewayName, sendThroughGateway } from './gateways.ts';
import { toOperationFailed } from './mail-failed.ts';
import { htmlOf } from './markdown.ts';
import { fillTemplate, readTemplate } from './templates.ts';

export interface MailOptions {
  /** The operator's; null where SMTP_URL is not set. */
  readonly mailer: Mailer | null;
  /** Composes drafts where there is no server either. */
  readonly drafts: Pick<Mailer, 'compose'>;
  /** The guarded client, for the services of SMS and WhatsApp. */
  readonly client: HttpClient;
  /** Says something in the conversation of the call, once for a key. */
  readonly sayHere: (reply: BotReply, call: OutsideCall) => Promise<void>;
  /** Says something to a person of the workspace by handle, name or mail address, once for a key; false: there is none. */
  readonly sayTo: (person: string, reply: BotReply, call: OutsideCall) => Promise<boolean>;
  /** A mail server that a bot's config.csv names, `mail-<account>-url`; left out where the operator does not allow it. */
  readonly ownMailer?: (account: { readonly url: string; readonly from: string }, call: OutsideCall) => Promise<Mailer>;
  /** Mails and messages of one bot to one address each. */
  readonly recipientsPerHourMax?: number;
  /** Counts them over all processes; without it they are counted here. */
  readonly limits?: Pick<RateLimits, 'take'>;
}

const recipientsPerMailMax = 50;
const bodyCharsMax = 200_000;
const attachmentsMax = 10;
const gatewayFileBytesMax = 5_242_880;
const attachmentBytesMax = 18_874_368;
const textCharsMax: Readonly<Record<GatewayName, number>> = { sms: 1_600, whatsapp: 4_096 };
/** Calls done in this process: one that is done again answers at once. After a crash the Message-ID tells. */
const doneMax = 10_000;

interface Letter {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly attachments: readonly MailAttachment[];
}

/** Mail, and messages that leave the chat by other ways. */
export function mailOperations(options: MailOptions): OperationSet {
  const perHour = options.recipientsPerHourMax ?? 200;
  const rule = { name: 'botMails', burst: perHour, perSecond: perHour / 3600 };
  const here = new RateLimiter(rule);
  const done = new LruMap<string, { readonly value: PlainValue }>(doneMax);

  /** Counts who gets something from a bot: a script in a loop must not make the operator a sender of junk. */
  const count = async ({ customerId, botId, nowMs }: OutsideCall, recipients: number): Promise<void> => {
    const key = `${customerId}:${botId}`;
    const waitMs = options.limits ? await options.limits.take(rule, key, recipients) : here.take(key, nowMs, recipients);
    if (waitMs === 0) return;
    const minutes = Math.ceil(waitMs / 60_000);
    throw new OperationFailed(
      {
        en: `this bot may write to ${perHour} addresses an hour; try again in ${minutes} min`,
        pt: `este robô pode escrever a ${perHour} endereços por hora; tente de novo em ${minutes} min`,
      },
      'limit_reached',
    );
  };

  const once = async (call: OutsideCall, work: () => Promise<PlainValue>): Promise<PlainValue> => {
    const id = `${call.customerId}/${call.key}`;
    const before = done.get(id);
    if (before) return before.value;
    try {
      const value = await work();
      done.set(id, { value });
      return value;
    } catch (error) {
      throw toOperationFailed(error);
    }
  };

  const mailerFor = async (args: Args, call: OutsideCall): Promise<Mailer> => {
    const account = (textOf(args['account']).trim() || (webState(call).account ?? '')).toLowerCase();
    if (account !== '') {
      // An account may be called by its address: of sales@shop.example the settings are mail-sales-url and mail-sales-from.
      const name = account.replace(/@.*$/, '');
      const [url, from] = [call.settings[`mail-${name}-url`], call.settings[`mail-${name}-from`]];
      if (!options.ownMailer)
        throw new OperationFailed(
          {
            en: 'the operator does not allow bots mail servers of their own (GB_BOT_OWN_MAIL)',
            pt: 'o operador não permite aos robôs servidores de e-mail próprios (GB_BOT_OWN_MAIL)',
          },
          'not_allowed',
        );
      if (!url) throw settingMissing(`mail-${name}-url`);
      if (!from) throw settingMissing(`mail-${name}-from`);
      return options.ownMailer({ url, from }, call);
    }
    if (!options.mailer) throw settingMissing('SMTP_URL');
    return options.mailer;
  };

  const send = async (letter: Letter, args: Args, call: OutsideCall): Promise<PlainValue> => {
    const mailer = await mailerFor(args, call);
    await count(call, letter.to.length);
    const { messageId, rejected } = await mailer.send(toMail(letter, call), call.signal);
    if (rejected.length === 0) return messageId;
    const list = rejected.join(', ').slice(0, 300);
    throw new OperationFailed({
      en: `the mail server did not take ${list}; the others have the mail`,
      pt: `o servidor de e-mail não aceitou ${list}; os outros têm o e-mail`,
    });
  };

  const gateway = async (name: GatewayName, message: GatewayMessage, call: OutsideCall): Promise<PlainValue> => {
    if (!isTelephone(message.to))
      throw new OperationFailed({
        en: `${message.to.slice(0, 40)} is no telephone number`,
        pt: `${message.to.slice(0, 40)} não é um número de telefone`,
      });
    if ((message.text ?? '').length > textCharsMax[name])
      throw new OperationFailed(
        {
          en: `a message has at most ${textCharsMax[name]} characters`,
          pt: `uma mensagem tem no máximo ${textCharsMax[name]} caracteres`,
        },
        'limit_reached',
      );
    return once(call, async () => {
      if (!call.settings[`${name}-url`]) throw settingMissing(`${name}-url`);
      await count(call, 1);
      await sendThroughGateway(name, { ...message, to: message.to.replace(/[^\d+]/g, '') }, call, options.client);
      return true;
    });
  };

  /** Whatever way leads to somebody: the chat, mail, WhatsApp, SMS. */
  const sendMessage = async (to: string, text: string, call: OutsideCall): Promise<PlainValue> => {
    if (await options.sayTo(to, { text }, call)) return true;
    if (isAddress(to)) return send({ ...subjectIn(text, call), to: [to], attachments: [] }, {}, call);
    if (isTelephone(to))
      return gateway(call.settings['whatsapp-url'] || !call.settings['sms-url'] ? 'whatsapp' : 'sms', { to, text }, call);
    throw nobody(to);
  };

  /** Each of several people is one message of its own, which the other side can tell from the others. */
  const sendToEach = async (args: Args, call: OutsideCall): Promise<PlainValue> => {
    const text = boundedText(args, 'text', 16_000);
    const names = recipientNames(args['to']);
    if (names.length > recipientsPerMailMax) throw tooManyRecipients();
    const files = [args['attachments'] ?? []].flat(2).filter((one) => one !== null && one !== '');
    for (const [i, name] of names.entries()) {
      const own = { ...call, key: `${call.key}:${i}` };
      if (files.length === 0) await sendMessage(name, text, own);
      for (const [at, file] of files.entries())
        await sendFile(
          { file: file as PlainValue, to: name, caption: at === 0 ? text : '' },
          { ...own, key: `${own.key}:${at}` },
        );
    }
    return names.length;
  };

  const sendFile = async (args: Args, call: OutsideCall): Promise<PlainValue> => {
    const { value, bytes } = await readFile(args['file'], call);
    const text = boundedText(args, 'caption', 8_000);
    const to = textOf(args['to']).trim();
    const reply: BotReply = { text, files: [value.file] };
    if (to === '') await options.sayHere(reply, call);
    else if (!(await options.sayTo(to, reply, call))) {
      if (isTelephone(to)) {
        if (bytes.length > gatewayFileBytesMax)
          throw new OperationFailed({ en: 'the file is larger than 5 MB', pt: 'o arquivo tem mais de 5 MB' }, 'limit_reached');
        const file = { name: value.name, type: value.type, data: Buffer.from(bytes).toString('base64') };
        await gateway('whatsapp', { to, text, file }, call);
      } else if (!isAddress(to)) throw nobody(to);
      else {
        const attachments = [{ name: value.name, type: value.type, bytes }];
        await send({ to: [to], subject: value.name, text: text || value.name, attachments }, {}, call);
      }
    }
    return filePlain(value);
  };

  return {
    // People of the workspace are told within the turn; telephones are in the world.
    isOutside: { 'TALK TO': hasTelephone, BROADCAST: hasTelephone },
    outside: {
      'TALK TO': async (args, call) => {
        await sendToEach(args, call);
        return null;
      },
      BROADCAST: sendToEach,

      'SEND MAIL': (args, call) => once(call, async () => send(await readLetter(args, call), args, call)),

      'CREATE DRAFT': (args, call) =>
        once(call, async () => {
          const letter = await readLetter(args, call, true);
          const bytes = await options.drafts.compose(toMail(letter, call));
          return filePlain(await call.drive.write(draftPath(letter.subject, call), bytes, 'message/rfc822'));
        }),

      'SEND FILE': (args, call) => once(call, () => sendFile(args, call)),

      async 'SEND TEMPLATE'(args, call) {
        const to = textOf(args['to']).trim();
        const template = textOf(args['template']).trim();
        const values = [args['values'] ?? []].flat();
        const channel = textOf(args['channel']).trim().toLowerCase() || (isAddress(to) ? 'mail' : 'whatsapp');
        if (channel === 'sms' || channel === 'whatsapp')
          return gateway(channel, { to, template, values: values.map(textOf) }, call);
        if (channel !== 'mail' && channel !== 'email')
          throw new OperationFailed({
            en: `there is no channel ${channel.slice(0, 30)}: mail, whatsapp, sms`,
            pt: `não há um canal ${channel.slice(0, 30)}: mail, whatsapp, sms`,
          });
        return once(call, async () => {
          const filled = fillTemplate(await readTemplate(template, call), values);
          return send({ ...filled, to: recipients(args), attachments: [] }, {}, call);
        });
      },

      'SEND SMS': (args, call) => gateway('sms', { to: textOf(args['to']).trim(), text: textOf(args['text']) }, call),
      'SEND WHATSAPP': (args, call) => gateway('whatsapp', { to: textOf(args['to']).trim(), text: textOf(args['text']) }, call),

      'SEND MESSAGE': (args, call) =>
        once(call, async () => {
          const text = boundedText(args, 'text', 16_000);
          if (args['to'] !== undefined) return sendMessage(textOf(args['to']).trim(), text, call);
          await options.sayHere({ text }, call);
          return true;
        }),
    },
  };
}

async function readLetter(args: Args, call: OutsideCall, isDraft = false): Promise<Letter> {
  const { body } = args;
  const isRow = typeof body === 'object' && body !== null && !Array.isArray(body);
  const row = isRow ? (body as Readonly<Record<string, PlainValue>>) : null;
  const text = row ? textOf(row['body'] ?? row['text'] ?? body) : boundedText(args, 'body', bodyCharsMax);
  const subject = args['subject'] === undefined ? row?.['subject'] : args['subject'];
  const letter = subject === undefined ? subjectIn(text, call) : { subject: textOf(subject), text };
  return { ...letter, to: recipients(args, isDraft), attachments: await readAttachments(args['attachments'], call) };
}

/** Names and numbers: a list, or a text with commas. */
const recipientNames = (to: PlainValue | undefined): readonly string[] =>
  textsOf(to)
    .flatMap((one) => one.split(/[,;]/))
    // `whatsapp:+55…` is how some programs name a number.
    .map((one) => one.trim().replace(/^(?:whatsapp|sms|tel):\s*/i, ''))
    .filter(Boolean);

const hasTelephone = ({ to }: Args): boolean => recipientNames(to).some(isTelephone);

function recipients(args: Args, mayBeNobody = false): readonly string[] {
  try {
    const to = readAddresses(textsOf(args['to']));
    if (to.length === 0 && !mayBeNobody)
      throw new OperationFailed({ en: 'the mail has no address', pt: 'o e-mail não tem endereço' });
    if (to.length <= recipientsPerMailMax) return to;
  } catch (error) {
    throw toOperationFailed(error);
  }
  throw tooManyRecipients();
}

const tooManyRecipients = (): OperationFailed =>
  new OperationFailed(
    {
      en: `a message goes to at most ${recipientsPerMailMax} addresses`,
      pt: `uma mensagem vai a no máximo ${recipientsPerMailMax} endereços`,
    },
    'limit_reached',
  );

/** "Subject: …" in the first line of a text, else the first line itself. */
function subjectIn(text: string, call: OutsideCall): { subject: string; text: string } {
  const said = /^\s*(?:subject|assunto):[ \t]*([^\n]*)\r?\n*/i.exec(text);
  if (said) return { subject: said[1]!.trim(), text: text.slice(said[0].length) };
  const first = text
    .trim()
    .split('\n')[0]!
    .replace(/[#*_`>]/g, '')
    .trim();
  return { subject: first.slice(0, 80) || (call.settings['bot-name'] ?? 'General Bots'), text };
}

async function readAttachments(value: PlainValue | undefined, call: OutsideCall): Promise<readonly MailAttachment[]> {
  const places = [value ?? []].flat(2).filter((one) => one !== null && one !== '');
  const attachments: MailAttachment[] = [];
  let size = 0;
  for (const place of places.slice(0, attachmentsMax + 1)) {
    const { value: file, bytes } = await readFile(place as PlainValue, call);
    size += bytes.length;
    attachments.push({ name: file.name, type: file.type, bytes });
  }
  if (attachments.length > attachmentsMax || size > attachmentBytesMax)
    throw new OperationFailed(
      { en: 'a mail has at most 10 files, together 18 MB', pt: 'um e-mail tem no máximo 10 arquivos, juntos 18 MB' },
      'limit_reached',
    );
  return attachments;
}

function toMail(letter: Letter, { key, nowMs, settings }: OutsideCall): OutgoingMail {
  const replyTo = (settings['mail-reply-to'] ?? settings['email-from'] ?? '').trim();
  const fromName = (settings['mail-from-name'] ?? settings['bot-name'] ?? '').replace(/\s+/g, ' ').trim();
  return {
    key,
    at: nowMs,
    to: letter.to,
    subject: letter.subject.replace(/\s+/g, ' ').trim(),
    text: letter.text,
    html: letter.html ?? htmlOf(letter.text),
    attachments: letter.attachments,
    ...(fromName === '' ? {} : { fromName }),
    ...(isAddress(replyTo) ? { replyTo } : {}),
  };
}

/** The same when the call is done again. */
function draftPath(subject: string, { nowMs, key }: OutsideCall): string {
  const words = subject
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .slice(0, 50)
    .replace(/^-+|-+$/g, '');
  const day = new Date(nowMs).toISOString().slice(0, 10);
  return `drafts/${day}-${words || 'mail'}-${createHash('sha256').update(key).digest('hex').slice(0, 8)}.eml`;
}

const nobody = (to: string): OperationFailed =>
  new OperationFailed({ en: `there is nobody called ${to.slice(0, 60)}`, pt: `não há ninguém chamado ${to.slice(0, 60)}` });
