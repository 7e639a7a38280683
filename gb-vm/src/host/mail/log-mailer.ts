import type { Mailer, OutgoingMail } from 'gb-core';
import type { Logger } from 'gb-utils';
import { composeMail, messageIdOf } from './smtp-mailer.ts';

/** Where no mail server is configured: says in the log that there was a mail, to whom, and not what it said. */
export function createLogMailer(log: Logger): Mailer {
  return {
    send(mail: OutgoingMail) {
      log.warn({ to: mail.to, subject: mail.subject }, 'SMTP_URL is not set: this mail was not sent');
      return Promise.resolve({ messageId: messageIdOf(mail.key, 'log@localhost'), rejected: [] });
    },
    compose: (mail) => composeMail(mail, null),
    close: () => Promise.resolve(),
  };
}
