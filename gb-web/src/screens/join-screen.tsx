import type { Client } from 'gb-client';
import { Link2Off } from 'lucide-react';
import { useState } from 'react';
import { codeOf, explain } from '../app/problem.ts';
import { navigate } from '../app/router.ts';
import { useLoaded } from '../app/use-loaded.ts';
import { useTask } from '../app/use-task.ts';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { useLocale, useT } from '../i18n/index.ts';
import { accountSteps } from './account-steps.ts';
import { Entrance } from './entrance.tsx';
import { questionOf } from './setup-screen.tsx';
import { Steps } from './steps.tsx';

/** Following an invitation: who invites and to what, then three questions. */
export function JoinScreen({ code, client, onJoined }: { code: string; client: Client; onJoined: () => void }) {
  const t = useT();
  const locale = useLocale();
  const preview = useLoaded(code, () => client.rest.invitation(code));
  const [hasAccepted, setAccepted] = useState(false);
  const [isGone, setGone] = useState(false);
  const [refused, setRefused] = useState<{ id: string; problem: string } | null>(null);
  const task = useTask(
    async (answers: Readonly<Record<string, string>>) => {
      setRefused(null);
      await client.rest.acceptInvitation(code, {
        name: answers['name']!.trim(),
        email: answers['email']!.trim(),
        password: answers['password']!,
        locale,
      });
      navigate({ screen: 'home' }, { replace: true });
      onJoined();
    },
    (error) => {
      if (codeOf(error) === 'invitation_invalid') setGone(true);
      const id = questionOf(codeOf(error));
      if (id) setRefused({ id, problem: explain(error, t) });
      return id !== null;
    },
  );

  const errorCode = preview.error ? codeOf(preview.error) : null;
  if (isGone || errorCode === 'invitation_invalid' || errorCode === 'not_found' || preview.value?.isUsable === false) {
    return (
      <Entrance>
        <Empty
          level={1}
          icon={<Link2Off size={24} />}
          title={t('join.expiredTitle')}
          action={<Button onPress={() => navigate({ screen: 'home' })}>{t('join.toLogIn')}</Button>}
        >
          {t('join.expiredText')}
        </Empty>
      </Entrance>
    );
  }
  if (preview.error) {
    return (
      <Entrance>
        <Empty
          level={1}
          title={t('join.failedTitle')}
          action={
            <Button tone="primary" onPress={preview.reload}>
              {t('common.tryAgain')}
            </Button>
          }
        >
          {explain(preview.error, t)}
        </Empty>
      </Entrance>
    );
  }
  if (!preview.value) return <Entrance>{null}</Entrance>;

  const { organizationName, invitedBy } = preview.value;
  if (!hasAccepted) {
    return (
      <Entrance>
        <div className="question">
          <h1>{t('join.title', { organization: organizationName })}</h1>
          <p className="soft question-text">{t('join.text', { name: invitedBy, organization: organizationName })}</p>
          <Button tone="primary" size="large" wide onPress={() => setAccepted(true)}>
            {t('join.start')}
          </Button>
          <Button tone="quiet" wide onPress={() => navigate({ screen: 'home' })}>
            {t('join.haveAccount')}
          </Button>
        </div>
      </Entrance>
    );
  }

  return (
    <Steps
      steps={accountSteps(t)}
      submitLabel={t('join.submit', { organization: organizationName })}
      isRunning={task.isRunning}
      problem={task.problem}
      refused={refused}
      onSubmit={task.run}
      onLeave={() => setAccepted(false)}
    />
  );
}
