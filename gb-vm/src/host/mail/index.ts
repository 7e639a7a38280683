/** Mail, and the other ways out of the chat. */
export { createLogMailer } from './log-mailer.ts';
export { type MailOptions, mailOperations } from './mail-operations.ts';
export { createOwnMailers, type OwnMailers, type OwnMailersOptions } from './own-mailers.ts';
export { createSmtpMailer, type SmtpMailerOptions } from './smtp-mailer.ts';
