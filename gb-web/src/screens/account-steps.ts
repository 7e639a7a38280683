import { limits } from 'gb-protocol';
import type { Translate } from '../i18n/index.ts';
import { checkEmail, checkName, checkPassword } from './checks.ts';
import type { Step } from './steps.tsx';

/** What everybody is asked who gets an account. */
export const accountSteps = (t: Translate): Step[] => [
  {
    id: 'name',
    title: t('setup.name.title'),
    text: t('setup.name.text'),
    field: { label: t('setup.name.label'), autoComplete: 'name', maxLength: limits.userNameMax },
    check: (value) => checkName(value, t),
  },
  {
    id: 'email',
    title: t('setup.email.title'),
    text: t('setup.email.text'),
    field: { label: t('setup.email.label'), type: 'email', autoComplete: 'email', maxLength: limits.emailMax },
    check: (value) => checkEmail(value, t),
  },
  {
    id: 'password',
    title: t('setup.password.title'),
    text: t('setup.password.text'),
    field: {
      label: t('setup.password.label'),
      type: 'password',
      autoComplete: 'new-password',
      hint: t('setup.password.hint', { min: limits.passwordMin }),
    },
    check: (value) => checkPassword(value, t),
  },
];
