import type { MailReader } from 'gb-core';
import { errorCodes } from 'gb-protocol';
import { GbError } from 'gb-utils';
import { type DocumentWorkshop, TryLater } from '../documents/workshop.ts';
import { OperationFailed } from '../operation.ts';
import { readSender } from './smtp-mailer.ts';

export interface MailReaderOptions {
  readonly workshop: DocumentWorkshop;
  /** Who the mail of this server comes from, `bots@example.com` or `Bots <bots@example.com>`; null where none is sent. */
  readonly from: string | null;
}

/** Reads mail in the process of documents, where neither a bomb nor a fault of the parser costs anybody else anything. */
export function createMailReader({ workshop, from }: MailReaderOptions): MailReader {
  return {
    senders: from === null ? [] : [readSender(from).address.toLowerCase()],
    async read(bytes, scope) {
      try {
        return await workshop.run('mail', { bytes }, scope);
      } catch (error) {
        if (!(error instanceof OperationFailed)) throw error;
        const code = error instanceof TryLater ? 'overloaded' : 'malformed';
        throw new GbError(code, sentence(error.said.en), { retryable: errorCodes[code].retryable, cause: error });
      }
    },
  };
}

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
