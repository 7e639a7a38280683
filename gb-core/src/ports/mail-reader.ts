import type { CustomerId } from 'gb-protocol';
import type { PlainValue } from './bot-runtime.ts';

/**
 * Takes mail apart that strangers wrote. What comes out is plain and bounded: a line is a line, an address an address.
 * Fails with `malformed` or `too_large` for what no second try will make better, with `overloaded` or `unavailable` for
 * what a later one may.
 */
export interface MailReader {
  /** Addresses that the mail of this server comes from. */
  readonly senders: readonly string[];
  read(bytes: Uint8Array, scope: { readonly customerId: CustomerId; readonly signal?: AbortSignal }): Promise<ReceivedMail>;
}

export interface ReceivedMail {
  /** With its angle brackets; null when there is none. */
  readonly messageId: string | null;
  /** A hash of what it says and carries, and of nothing that servers write on the way. */
  readonly contentHash: string;
  /** What it says it is from, which anybody can write. */
  readonly from: MailAddress | null;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly replyTo: string | null;
  /** One line. */
  readonly subject: string;
  /** By the sender's clock, in milliseconds since 1970. */
  readonly sentAt: number | null;
  /** The words of it, of HTML too. */
  readonly text: string;
  /** Those that say more than the above, by name in lower case. */
  readonly headers: { readonly [name: string]: PlainValue };
  /** `answer`: a program wrote it about another mail. `generated`: a program wrote it by itself, as shops send invoices (RFC 3834). */
  readonly automatic: 'no' | 'generated' | 'answer';
  readonly attachments: readonly ReceivedAttachment[];
}

export interface MailAddress {
  readonly address: string;
  /** Empty without one. */
  readonly name: string;
}

export interface ReceivedAttachment {
  /** As the sender calls it, which may be anything; null without a name. */
  readonly name: string | null;
  /** What the sender says it is. */
  readonly type: string;
  readonly bytes: Uint8Array;
  /** Shown within the text, like the picture of a signature. */
  readonly isInline: boolean;
}
