import type { ManifestTrigger, ReceivedMail } from '../ports/index.ts';

export type MailTrigger = Extract<ManifestTrigger, { kind: 'email' }>;

/**
 * The address by which a mail is one for this script; null when it is none. `''` when the script takes mail to anybody and
 * nobody is named.
 *
 * An address also gets what is sent to its plus-addresses, `help+order17@example.com`; `@example.com` gets everything of
 * the domain, and `*` everything.
 */
export function recipientFor(
  trigger: MailTrigger,
  mail: Pick<ReceivedMail, 'from' | 'subject'>,
  recipients: readonly string[],
): string | null {
  if (trigger.from !== null && !isFrom(trigger.from, mail.from)) return null;
  if (trigger.subject !== null && !folded(mail.subject).includes(folded(trigger.subject))) return null;
  const wanted = (trigger.address ?? '*').trim().toLowerCase().replace(/^\*@/, '@');
  if (wanted === '*') return recipients[0] ?? '';
  return recipients.find((recipient) => isAt(wanted, recipient)) ?? null;
}

/** Whether a recipient is this address, or of this domain. */
export function isAt(wanted: string, recipient: string): boolean {
  const address = recipient.toLowerCase();
  if (wanted.startsWith('@')) return address.endsWith(wanted);
  return address === wanted || untagged(address) === wanted;
}

function untagged(address: string): string {
  return address.replace(/\+[^@]*(?=@[^@]*$)/, '');
}

/** An address, a domain as `@example.com`, or a part of the name or the address. */
function isFrom(wanted: string, from: ReceivedMail['from']): boolean {
  if (!from) return false;
  const [text, address] = [folded(wanted), from.address.toLowerCase()];
  if (text.startsWith('@')) return address.endsWith(text);
  if (text.includes('@')) return address === text || untagged(address) === text;
  return folded(`${from.name} <${address}>`).includes(text);
}

/** Without capitals and accents: "Orçamento" is "orcamento". */
function folded(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();
}
