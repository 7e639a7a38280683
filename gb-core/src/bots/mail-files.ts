import { limits } from 'gb-protocol';
import { cleanFileName, readDrivePath } from '../files/file-names.ts';
import type { ReceivedAttachment, ReceivedMail } from '../ports/index.ts';

/** Of the name of an attachment in the drive. */
const nameMax = 100;
/** Text a script finds in `body`, as JSON; longer ones are cut there, and whole in a file. */
export const bodyMax = 16_000;
/** Attachments a script finds listed; the others lie in the same folder. */
export const listedMax = 25;

export interface MailFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
  readonly isInline: boolean;
}

/** `mail/2026-05-07-<id>`: by the day it was sent, so that people find it. */
export function mailFolder({ sentAt }: Pick<ReceivedMail, 'sentAt'>, id: string, nowMs: number): string {
  return `mail/${new Date(sentAt ?? nowMs).toISOString().slice(0, 10)}-${id}`;
}

/** What is attached, under names that lead nowhere else and of which no two are the same, however they were called. */
export function filesOf(attachments: readonly ReceivedAttachment[]): readonly MailFile[] {
  const taken = new Set<string>([textName]);
  return attachments.map(({ name, type, bytes, isInline }, at) => {
    const safe = safeName(name ?? `attachment-${at + 1}${extensions[type.toLowerCase()] ?? ''}`);
    return { name: another(safe, taken), type, bytes, isInline };
  });
}

/** The whole text of a mail, when it is too long for a variable. */
export const textName = 'text.txt';

function safeName(name: string): string {
  const clean = shortened(cleanFileName(name));
  // A name may be a word of ours, or all dots and blanks.
  return readDrivePath(`mail/${clean}`)?.path === `mail/${clean}` ? clean : 'file';
}

/** What is behind the last dot is what people tell files by. */
function shortened(name: string, max = nameMax): string {
  if (name.length <= max) return name;
  const extension = /\.[^.]{1,12}$/.exec(name)?.[0] ?? '';
  const stem = name.slice(0, max - extension.length).toWellFormed();
  return stem.replace(/\uFFFD$/, '').trim() + extension;
}

function another(name: string, taken: Set<string>): string {
  const extension = /\.[^.]{1,12}$/.exec(name)?.[0] ?? '';
  const stem = name.slice(0, name.length - extension.length);
  for (let number = 1; ; number++) {
    const one = number === 1 ? name : `${stem} (${number})${extension}`;
    if (taken.has(one.toLowerCase())) continue;
    taken.add(one.toLowerCase());
    return one;
  }
}

/** Of what comes without a name. */
const extensions: Readonly<Record<string, string>> = {
  'application/pdf': '.pdf',
  'image/gif': '.gif',
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'message/rfc822': '.eml',
  'text/calendar': '.ics',
  'text/csv': '.csv',
  'text/html': '.html',
  'text/plain': '.txt',
};

/** As much of a text as fits into so much JSON, in which some signs take six. */
export function cutToJson(text: string, jsonMax: number): string {
  let [low, high] = [0, Math.min(text.length, jsonMax)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (JSON.stringify(text.slice(0, middle)).length <= jsonMax) low = middle;
    else high = middle - 1;
  }
  return low === text.length
    ? text
    : text
        .slice(0, low)
        .toWellFormed()
        .replace(/\uFFFD$/, '');
}

/** Room for everything in `NewRun.params`, with some to spare. */
export const paramsMax = Math.floor(limits.conversationStateBytesMax / 2) - 1_000;
