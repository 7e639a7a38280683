import type { Client } from 'gb-client';
import { limits } from 'gb-protocol';
import { useState } from 'react';
import { codeOf, explain } from '../app/problem.ts';
import { useTask } from '../app/use-task.ts';
import { useLocale, useT } from '../i18n/index.ts';
import { checkEmail, checkName, checkOrganization, checkPassword } from './checks.ts';
import { type Step, Steps } from './steps.tsx';

/** First run: four questions, then #general. */
export function SetupScreen({
  client,
  onDone,
  onLeave,
  isFirst,
}: {
  client: Client;
  onDone: () => void;
  onLeave?: () => void;
  isFirst?: boolean;
}) {
  const t = useT();
  const locale = useLocale();
  const [refused, setRefused] = useState<{ id: string; problem: string } | null>(null);

  const steps: Step[] = [
    {
      id: 'organization',
      title: t('setup.organization.title'),
      text: t(isFirst ? 'setup.organization.first' : 'setup.organization.text'),
      field: {
        label: t('setup.organization.label'),
        autoComplete: 'organization',
        placeholder: t('setup.organization.example'),
        maxLength: limits.organizationNameMax,
      },
      check: (value) => checkOrganization(value, t),
    },
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

  const task = useTask(
    async (answers: Readonly<Record<string, string>>) => {
      setRefused(null);
      await client.rest.signUp({
        organization: answers['organization']!.trim(),
        name: answers['name']!.trim(),
        email: answers['email']!.trim(),
        password: answers['password']!,
        locale,
      });
      onDone();
    },
    (error) => {
      const id = questionOf(codeOf(error));
      if (id) setRefused({ id, problem: explain(error, t) });
      return id !== null;
    },
  );

  return (
    <Steps
      steps={steps}
      submitLabel={t('setup.submit')}
      isRunning={task.isRunning}
      problem={task.problem}
      refused={refused}
      onSubmit={task.run}
      {...(onLeave ? { onLeave } : {})}
    />
  );
}

/** Which question a refusal is about. */
export function questionOf(code: string): string | null {
  if (code === 'email_taken') return 'email';
  if (code === 'password_weak') return 'password';
  return null;
}
