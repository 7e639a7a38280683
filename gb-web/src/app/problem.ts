import { ApiError } from 'gb-client';
import type { QuotaFacts } from 'gb-protocol';
import type { MessageKey, Translate } from '../i18n/index.ts';

/** What a refusal means to a person. Codes without a sentence of their own share one that is still true. */
const sentences: Partial<Record<string, MessageKey>> = {
  network: 'problem.network',
  unavailable: 'problem.unavailable',
  overloaded: 'problem.unavailable',
  internal: 'problem.internal',
  rate_limited: 'problem.rateLimited',
  forbidden: 'problem.forbidden',
  csrf: 'problem.forbidden',
  not_found: 'problem.notFound',
  too_large: 'problem.tooLarge',
  channel_archived: 'problem.archived',
  message_deleted: 'problem.messageDeleted',
  name_taken: 'problem.nameTaken',
  email_taken: 'problem.emailTaken',
  last_owner: 'problem.lastOwner',
  wrong_credentials: 'problem.wrongCredentials',
  password_weak: 'problem.passwordWeak',
  invitation_invalid: 'problem.invitationInvalid',
  already_set_up: 'problem.alreadySetUp',
  unauthenticated: 'problem.unauthenticated',
  quota_exceeded: 'problem.quota',
  outbox_full: 'problem.outboxFull',
  program_invalid: 'problem.programInvalid',
  duplicate_client_id: 'problem.internal',
};

export function codeOf(error: unknown): string {
  return error instanceof ApiError ? error.code : 'internal';
}

export function explainCode(code: string, t: Translate): string {
  return t(sentences[code] ?? 'problem.other');
}

export function explain(error: unknown, t: Translate): string {
  if (error instanceof ApiError && error.quota) return explainQuota(error.quota, t);
  return explainCode(codeOf(error), t);
}

function explainQuota({ name, used, most }: QuotaFacts, t: Translate): string {
  if (name !== 'storage') return t('problem.quotaOf', { what: t(`usage.${name}`), used, most });
  const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10;
  return t('problem.quotaOf', { what: `${t('usage.storage')} (MB)`, used: megabytes(used), most: megabytes(most) });
}
