import { MailFailed } from './mail-failed.ts';

const addressMax = 254;
// What RFC 5321 calls a dot-string and a domain, in any script: no quotes, no comments, no blanks, no line breaks.
const addressForm =
  /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*@[\p{L}\p{M}\p{N}-]+(\.[\p{L}\p{M}\p{N}-]+)+$/u;

export const isAddress = (text: string): boolean => text.length <= addressMax && addressForm.test(text);

/** A telephone number, with its signs or without. */
export const isTelephone = (text: string): boolean => /^\+?[\d\s().-]{6,25}$/.test(text) && /\d{6}/.test(text.replace(/\D/g, ''));

/**
 * The addresses in `ana@example.com; Rui <rui@example.com>`. Names are dropped: the address says who gets the mail, and a
 * name only who is made to believe so. Throws for anything that is no address.
 */
export function readAddresses(texts: readonly string[]): readonly string[] {
  const found = new Map<string, string>();
  for (const text of texts.flatMap((one) => one.split(/[,;\n]/))) {
    const trimmed = text.trim();
    if (trimmed === '') continue;
    const address = /<([^<>]*)>$/.exec(trimmed)?.[1]?.trim() ?? trimmed;
    if (!isAddress(address)) throw new MailFailed('invalid', `"${trimmed.slice(0, 80).replace(/\p{Cc}/gu, ' ')}" is no address`);
    found.set(address.toLowerCase(), address);
  }
  return [...found.values()];
}

/** A header's text: one line. More lines would be more headers, of whoever wrote the text. */
export function headerText(text: string, charsMax: number): string {
  if (/[\r\n\0]/.test(text.trim())) throw new MailFailed('invalid', 'a subject or name has more than one line');
  return text.trim().slice(0, charsMax).toWellFormed();
}
