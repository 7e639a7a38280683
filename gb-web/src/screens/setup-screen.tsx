import type { Client } from 'gb-client';
import { limits } from 'gb-protocol';
import { useState } from 'react';
import { codeOf, explain } from '../app/problem.ts';
import { useTask } from '../app/use-task.ts';
import { useLocale, useT } from '../i18n/index.ts';
import { accountSteps } from './account-steps.ts';
import { checkOrganization } from './checks.ts';
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
    ...accountSteps(t),
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
