import { createHash } from 'node:crypto';
import type { MailAddress, PlainValue, ReceivedMail } from 'gb-core';
import { type AddressObject, type Attachment, type EmailAddress, type ParsedMail, simpleParser } from 'mailparser';
import { OperationFailed } from '../operation.ts';
import { PageError, parse, textOf } from '../web/page.ts';
import { isAddress } from './addresses.ts';

/** Of one mail. More of any is refused, or cut where it says so. */
export const receivedLimits = {
  /** Parts, however nested. */
  partsMax: 300,
  headerBytesMax: 262_144,
  attachmentsMax: 100,
  /** Cut. */
  subjectMax: 500,
  nameMax: 200,
  addressesMax: 100,
  textMax: 2_000_000,
  headersMax: 30,
  headerMax: 300,
} as const;

/** HTML made of text is needed only where a mail has both by turns, and takes long to make of much. */
const mixedBytesMax = 4_000_000;
/** A name of a file, a date and a line of an envelope are what others are for. */
const plainHeaders =
  /^(received|dkim-|arc-|domainkey|x-google-|x-ms-|x-microsoft-|from|sender|to|cc|bcc|subject|date|message-id|reply-to|content-|mime-version|return-path|delivered-to|envelope-to|delivery-date)/;

/**
 * A mail in plain words. Run where it may take long, or all memory: in the process of documents. Bytes that are no mail
 * at all are read as one without headers, as mail programs do.
 */
export async function readMail(bytes: Uint8Array): Promise<ReceivedMail> {
  const mail = await parsed(withoutEnvelope(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
  if (mail.attachments.length > receivedLimits.attachmentsMax)
    throw refused(
      `a mail has at most ${receivedLimits.attachmentsMax} attachments`,
      `um e-mail tem no máximo ${receivedLimits.attachmentsMax} anexos`,
    );
  const [from = null] = addressesOf(mail.from);
  const said = {
    messageId: oneLine(mail.messageId ?? '', 998) || null,
    from,
    to: addressesOf(mail.to).map(({ address }) => address),
    cc: addressesOf(mail.cc).map(({ address }) => address),
    replyTo: addressesOf(mail.replyTo)[0]?.address ?? null,
    subject: oneLine(mail.subject ?? '', receivedLimits.subjectMax),
    sentAt: sentAt(mail),
    text: wordsOf(mail),
  };
  const attachments = mail.attachments.map((one) => ({
    name: one.filename === undefined ? null : one.filename.slice(0, 1_000),
    type: one.contentType.slice(0, 100),
    bytes: new Uint8Array(one.content),
    isInline: one.related === true || one.contentDisposition === 'inline',
  }));
  return {
    ...said,
    contentHash: hashOf([said, mail.attachments.map(({ checksum, filename = '' }: Attachment) => [checksum, filename])]),
    headers: headersOf(mail),
    automatic: automatic(mail),
    attachments,
  };
}

async function parsed(bytes: Buffer): Promise<ParsedMail> {
  try {
    return await simpleParser(bytes, {
      maxChildNodes: receivedLimits.partsMax,
      maxHeadSize: receivedLimits.headerBytesMax,
      checksumAlgo: 'sha256',
      skipImageLinks: true,
      skipTextLinks: true,
      skipTextToHtml: bytes.length > mixedBytesMax,
      // We make words of HTML ourselves; this makes the parser say where that is needed, in `textConversionError`.
      maxHtmlLengthToParse: 0,
    });
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EMAXLEN')
      throw refused(
        'the mail has too many parts or too long a header',
        'o e-mail tem partes demais ou um cabeçalho longo demais',
      );
    throw refused('the mail cannot be read', 'o e-mail não pode ser lido');
  }
}

/** Mail servers that hand a mail to a program write a line before it as in a mailbox file: `From ana@example.com Mon …`. */
function withoutEnvelope(bytes: Buffer): Buffer {
  if (!/^>?From /.test(bytes.subarray(0, 6).toString('latin1'))) return bytes;
  return bytes.subarray(bytes.indexOf(0x0a) + 1);
}

/** Its text; what there is as HTML alone is read as a page is. */
function wordsOf({ text = '', html, textConversionError }: ParsedMail): string {
  const isWhole = text.trim() !== '' && textConversionError === undefined;
  const words = isWhole || typeof html !== 'string' ? text : (pageText(html) ?? text);
  return words
    .slice(0, receivedLimits.textMax)
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '')
    .trim();
}

/** null for what is nested or long beyond reading. */
function pageText(html: string): string | null {
  try {
    return textOf(parse(html));
  } catch (error) {
    if (error instanceof PageError) return null;
    throw error;
  }
}

function addressesOf(header: AddressObject | AddressObject[] | undefined): MailAddress[] {
  const listed = (header === undefined ? [] : [header].flat()).flatMap(({ value }) => value);
  const found = new Map<string, MailAddress>();
  const add = ({ address, name, group = [] }: EmailAddress): void => {
    // Groups are not nested by any who keep to the rules, and not read deeper from those who do not.
    for (const member of group) if (!member.group) add(member);
    const text = (address ?? '').trim();
    if (!isAddress(text) || found.size >= receivedLimits.addressesMax) return;
    if (!found.has(text.toLowerCase()))
      found.set(text.toLowerCase(), { address: text, name: oneLine(name, receivedLimits.nameMax) });
  };
  for (const one of listed) add(one);
  return [...found.values()];
}

/** The parser takes the present for a date that is none. */
function sentAt(mail: ParsedMail): number | null {
  const ms = Date.parse(rawHeader(mail, 'date') ?? '');
  return Number.isNaN(ms) || ms < 0 || ms >= Date.UTC(10_000, 0) ? null : ms;
}

/**
 * Auto-Submitted as RFC 3834 has it, reports of other mail, the empty return path of both, and what absence notes were
 * marked with before there was a standard. Mail of lists and newsletters is not meant: somebody may want to read those.
 */
function automatic(mail: ParsedMail): ReceivedMail['automatic'] {
  const isMarked = ['x-autoreply', 'x-autorespond', 'x-autoresponder'].some((name) => rawHeader(mail, name) !== null);
  if (isMarked || /^auto_reply\b/i.test(rawHeader(mail, 'precedence') ?? '')) return 'answer';
  if (/^multipart\/report\b/i.test(rawHeader(mail, 'content-type') ?? '')) return 'answer';
  if (/^<\s*>$/.test(rawHeader(mail, 'return-path') ?? '')) return 'answer';
  const submitted = rawHeader(mail, 'auto-submitted');
  if (submitted === null || /^no\b/i.test(submitted)) return 'no';
  return /^auto-generated\b/i.test(submitted) ? 'generated' : 'answer';
}

function headersOf(mail: ParsedMail): { readonly [name: string]: PlainValue } {
  const shown = [...mail.headers]
    .filter(([name]) => /^[a-z0-9-]{1,80}$/.test(name) && !plainHeaders.test(name))
    .map(([name, value]) => [name, [value].flat().filter((one) => typeof one === 'string')] as const)
    .filter(([, values]) => values.length > 0)
    .slice(0, receivedLimits.headersMax);
  return Object.fromEntries(shown.map(([name, values]) => [name, oneLine(values.join(' '), receivedLimits.headerMax)]));
}

/** The first of this name, unfolded. */
function rawHeader({ headerLines }: ParsedMail, name: string): string | null {
  const found = headerLines.find(({ key }) => key === name);
  return found ? oneLine(found.line.slice(found.line.indexOf(':') + 1), 998) : null;
}

/** Whatever was encoded in it, line breaks too: whoever writes it into another mail writes no second header. */
function oneLine(text: string, charsMax: number): string {
  return text
    .slice(0, 4 * charsMax)
    .toWellFormed()
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\s]+/g, ' ')
    .trim()
    .slice(0, charsMax)
    .toWellFormed();
}

const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

const refused = (en: string, pt: string): OperationFailed => new OperationFailed({ en, pt });
