import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { Mailer, MailSent, OutgoingMail } from 'gb-core';
import { createTransport, type Transporter } from 'nodemailer';
import { headerText, isAddress } from './addresses.ts';
import { MailFailed } from './mail-failed.ts';

export interface SmtpMailerOptions {
  /**
   * `smtp://user:password@host:587` or `smtps://host:465`. A password never travels in the clear: with one, a server that
   * does not offer TLS is refused. `?tls=none` lifts that for a server on the same machine, `?tls=required` asks for TLS
   * without a password too.
   */
  readonly url: string;
  /** The address mail comes from, `bots@example.com` or `Bots <bots@example.com>`. */
  readonly from: string;
  readonly connectionsMax?: number;
  readonly connectMsMax?: number;
  readonly silenceMsMax?: number;
  /** Connects to this in place of the host of the address, which its certificate must still name. */
  readonly address?: string;
  /** Certificates to trust beside the known ones, as PEM. */
  readonly ca?: string;
}

/** The whole mail, attachments encoded. */
export const mailBytesMax = 26_214_400;
const recipientsMax = 100;

/** The next mail server, over a few connections that stay open. */
export function createSmtpMailer(options: SmtpMailerOptions): Mailer {
  return new SmtpMailer(options);
}

class SmtpMailer implements Mailer {
  readonly #transport: Transporter;
  readonly #from: { name: string; address: string };

  constructor(options: SmtpMailerOptions) {
    this.#from = readSender(options.from);
    const url = readUrl(options.url);
    const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
    const tls = url.searchParams.get('tls');
    const isSecure = url.protocol === 'smtps:';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    this.#transport = createTransport({
      host: options.address ?? host,
      port: Number(url.port) || (isSecure ? 465 : 587),
      secure: isSecure,
      requireTLS: !isSecure && tls !== 'none' && (user !== '' || tls === 'required'),
      ignoreTLS: tls === 'none',
      ...(user === '' ? {} : { auth: { user, pass } }),
      tls: { ...(isIP(host) ? {} : { servername: host }), minVersion: 'TLSv1.2', ...(options.ca ? { ca: options.ca } : {}) },
      pool: true,
      maxConnections: options.connectionsMax ?? 4,
      maxMessages: 100,
      connectionTimeout: options.connectMsMax ?? 10_000,
      greetingTimeout: options.connectMsMax ?? 10_000,
      socketTimeout: options.silenceMsMax ?? 60_000,
      // A program's values never name a file or an address to be fetched.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  async send(mail: OutgoingMail, signal?: AbortSignal): Promise<MailSent> {
    signal?.throwIfAborted();
    if (mail.to.length === 0) throw new MailFailed('invalid', 'nobody is named to send it to');
    const message = toMessage(mail, this.#from);
    try {
      // Once the server has the mail there is no taking it back, so it is not given up on the way either.
      const info = await this.#transport.sendMail(message);
      return { messageId: message.messageId, rejected: (info.rejected as unknown[]).map(String) };
    } catch (error) {
      throw translate(error);
    }
  }

  compose(mail: OutgoingMail): Promise<Uint8Array> {
    return composeMail(mail, this.#from);
  }

  close(): Promise<void> {
    this.#transport.close();
    return Promise.resolve();
  }
}

/** A mail as bytes, for who has no server. */
export async function composeMail(mail: OutgoingMail, from: { name: string; address: string } | null): Promise<Uint8Array> {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const message = toMessage(mail, from);
  const info = await transport.sendMail({ ...message, headers: { 'X-Unsent': '1' } });
  return new Uint8Array(info.message as Buffer);
}

export function readSender(text: string): { name: string; address: string } {
  const match = /^(?:(.*?)\s*<([^<>]+)>|(\S+))$/.exec(text.trim());
  const address = (match?.[2] ?? match?.[3] ?? '').trim();
  if (!isAddress(address)) throw new MailFailed('invalid', `${text.slice(0, 80)} is no address to send mail from`);
  return { name: headerText((match?.[1] ?? '').replace(/^"|"$/g, ''), 200), address };
}

/** The same key gives the same Message-ID, on every machine and for ever. */
export function messageIdOf(key: string, from: string): string {
  return `<${createHash('sha256').update(key).digest('hex').slice(0, 40)}@${from.slice(from.indexOf('@') + 1)}>`;
}

function toMessage(mail: OutgoingMail, from: { name: string; address: string } | null) {
  const { to, attachments = [] } = mail;
  if (to.length > recipientsMax) throw new MailFailed('invalid', `there are more than ${recipientsMax} addresses`);
  for (const address of [...to, ...(mail.replyTo ? [mail.replyTo] : [])])
    if (!isAddress(address)) throw new MailFailed('invalid', `${address.slice(0, 80)} is no address`);
  // Base64 takes four bytes for three.
  const bytes = attachments.reduce((sum, { bytes: content }) => sum + content.length * 1.37, 2 * mail.text.length);
  if (bytes > mailBytesMax) throw new MailFailed('too_large', 'the mail is too large');
  const name = headerText(mail.fromName ?? '', 200) || (from?.name ?? '');
  return {
    ...(from ? { from: { name, address: from.address } } : {}),
    to: [...to],
    ...(mail.replyTo ? { replyTo: mail.replyTo } : {}),
    subject: headerText(mail.subject, 500),
    text: mail.text,
    ...(mail.html === undefined ? {} : { html: mail.html }),
    attachments: attachments.map((one) => ({
      filename: headerText(one.name.replace(/[\r\n\0]/g, ' '), 200),
      contentType: /^[\w.+-]+\/[\w.+-]+$/.test(one.type) ? one.type : 'application/octet-stream',
      content: Buffer.from(one.bytes),
    })),
    messageId: messageIdOf(mail.key, from?.address ?? 'draft@localhost'),
    date: new Date(mail.at),
    // Written by a program: nobody's absence note should answer it (RFC 3834).
    headers: { 'Auto-Submitted': 'auto-generated' },
  };
}

function readUrl(text: string): URL {
  const url = URL.parse(text);
  if (!url || !/^smtps?:$/.test(url.protocol) || url.hostname === '')
    throw new Error('SMTP_URL is not an address like smtp://user:password@host:587');
  return url;
}

function translate(error: unknown): unknown {
  if (error instanceof MailFailed) return error;
  const { responseCode: status, code, message } = error as { responseCode?: number; code?: string; message?: string };
  const said = { cause: error, ...(status === undefined ? {} : { status }) };
  // A log-in that fails says so to the operator's log; its details are not a bot author's business.
  if (code === 'EAUTH') return new MailFailed('refused', 'the server does not take the log-in', said);
  if (status !== undefined)
    return new MailFailed(status < 500 ? 'postponed' : 'refused', lastLine(message ?? `status ${status}`), said);
  if (code === 'EENVELOPE' || code === 'EMESSAGE') return new MailFailed('invalid', lastLine(message ?? code), said);
  return new MailFailed('unreachable', message ?? 'the server cannot be reached', said);
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)!.trim();
