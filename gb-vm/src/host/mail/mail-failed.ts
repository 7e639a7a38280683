import type { MailFailure } from 'gb-core';
import { OperationFailed } from '../operation.ts';

export class MailFailed extends Error implements MailFailure {
  readonly kind: MailFailure['kind'];
  readonly status?: number;

  constructor(kind: MailFailure['kind'], message: string, more: { status?: number; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'MailFailed';
    this.kind = kind;
    if (more.status !== undefined) this.status = more.status;
  }
}

const sentences: Readonly<Record<MailFailure['kind'], { en: string; pt: string }>> = {
  unreachable: { en: 'the mail server cannot be reached', pt: 'o servidor de e-mail não pode ser alcançado' },
  postponed: { en: 'the mail server does not take the mail now', pt: 'o servidor de e-mail não aceita o e-mail agora' },
  refused: { en: 'the mail server refuses the mail', pt: 'o servidor de e-mail recusa o e-mail' },
  invalid: { en: 'the mail cannot be sent as it is', pt: 'o e-mail não pode ser enviado como está' },
  too_large: { en: 'the mail is too large', pt: 'o e-mail é grande demais' },
};

export function toOperationFailed(error: unknown): unknown {
  if (!(error instanceof MailFailed)) return error;
  const { en, pt } = sentences[error.kind];
  // What a server says is for the one who can do something about it: the address that does not exist, the full mailbox.
  const detail = error.kind === 'refused' || error.kind === 'invalid' ? `: ${error.message.slice(0, 200)}` : '';
  return new OperationFailed(
    { en: en + detail, pt: pt + detail },
    error.kind === 'too_large' ? 'limit_reached' : 'operation_failed',
  );
}
