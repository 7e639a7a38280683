import { limits } from 'gb-protocol';
import type { Translate } from '../i18n/index.ts';

/** What can be said about an answer before the server sees it. The server has the last word on each. */
export function checkName(value: string, t: Translate): string | null {
  const name = value.trim();
  if (name === '') return t('check.nameMissing');
  return name.length > limits.userNameMax ? t('check.tooLong', { max: limits.userNameMax }) : null;
}

export function checkOrganization(value: string, t: Translate): string | null {
  const name = value.trim();
  if (name === '') return t('check.organizationMissing');
  return name.length > limits.organizationNameMax ? t('check.tooLong', { max: limits.organizationNameMax }) : null;
}

export function checkEmail(value: string, t: Translate): string | null {
  const email = value.trim();
  if (email === '') return t('check.emailMissing');
  return /^[^\s@]+@[^\s@]+\.[^\s@.]+$|^[^\s@]+@localhost$/.test(email) && email.length <= limits.emailMax
    ? null
    : t('check.emailWrong');
}

export function checkPassword(value: string, t: Translate): string | null {
  if (value.length < limits.passwordMin) return t('check.passwordShort', { min: limits.passwordMin });
  return value.length > limits.passwordMax ? t('check.tooLong', { max: limits.passwordMax }) : null;
}
