/**
 * Mail out of the house. At least once at best: returning means that the next server took the mail over, and a process
 * that dies just before it knows so sends it again - with the same Message-ID, by which mailboxes recognise the second.
 */
export interface Mailer {
  /** Fails with the shape of `MailFailure`. */
  send(mail: OutgoingMail, signal?: AbortSignal): Promise<MailSent>;
  /** The mail as it would be sent, for drafts: RFC 5322 with an X-Unsent line, by which mail programs open it for writing. */
  compose(mail: OutgoingMail): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface OutgoingMail {
  /** The same whenever this very mail is sent again; the Message-ID is made of it. */
  readonly key: string;
  /** Addresses like `ana@example.com`, each checked: nothing in them is a line break or a second address. */
  readonly to: readonly string[];
  /** How the sender is called beside the address that the operator configured. */
  readonly fromName?: string;
  /** Where answers go, when it is not to the sender. */
  readonly replyTo?: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly attachments?: readonly MailAttachment[];
  /** When it was written, in milliseconds since 1970; a mail that is sent again says the same. */
  readonly at: number;
}

export interface MailAttachment {
  readonly name: string;
  /** Media type. */
  readonly type: string;
  readonly bytes: Uint8Array;
}

export interface MailSent {
  readonly messageId: string;
  /** Addresses that the server did not take while it took others. */
  readonly rejected: readonly string[];
}

/**
 * - `unreachable`: nobody answers there, or not in time; may work later.
 * - `postponed`: the server says 4xx; may work later.
 * - `refused`: the server says 5xx to the mail or to every address, or does not take the log-in.
 * - `invalid`: an address or a subject that no mail can have.
 * - `too_large`: over `mailBytesMax`.
 */
export interface MailFailure extends Error {
  readonly kind: 'unreachable' | 'postponed' | 'refused' | 'invalid' | 'too_large';
  /** SMTP reply code. */
  readonly status?: number;
}
