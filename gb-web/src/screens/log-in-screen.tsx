import type { Client } from 'gb-client';
import { type FormEvent, useState } from 'react';
import { useTask } from '../app/use-task.ts';
import { Button } from '../design/button.tsx';
import { Field } from '../design/field.tsx';
import { Notice } from '../design/notice.tsx';
import { useT } from '../i18n/index.ts';
import { checkEmail } from './checks.ts';
import { Entrance } from './entrance.tsx';
import { SetupScreen } from './setup-screen.tsx';

export function LogInScreen({ client, onDone, isOpen }: { client: Client; onDone: () => void; isOpen: boolean }) {
  const t = useT();
  const [isSigningUp, setSigningUp] = useState(false);
  if (isSigningUp) return <SetupScreen client={client} onDone={onDone} onLeave={() => setSigningUp(false)} />;
  return (
    <Entrance>
      <div className="question">
        <h1>{t('login.title')}</h1>
        <LogInForm client={client} onDone={onDone} />
        <p className="soft">
          {isOpen ? (
            <Button tone="quiet" onPress={() => setSigningUp(true)}>
              {t('login.create')}
            </Button>
          ) : (
            t('login.needInvitation')
          )}
        </p>
      </div>
    </Entrance>
  );
}

/** Also shown over the workspace when a session ended, with the e-mail known. */
export function LogInForm({ client, onDone, email: knownEmail }: { client: Client; onDone: () => void; email?: string }) {
  const t = useT();
  const [email, setEmail] = useState(knownEmail ?? '');
  const [password, setPassword] = useState('');
  const [missing, setMissing] = useState<{ email: string | null; password: string | null }>({ email: null, password: null });
  const task = useTask(async () => {
    await client.rest.logIn({ email: email.trim(), password });
    onDone();
  });

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const wrong = { email: checkEmail(email, t), password: password === '' ? t('check.passwordMissing') : null };
    setMissing(wrong);
    if (!wrong.email && !wrong.password) void task.run();
  };

  return (
    <form className="stack" onSubmit={submit} noValidate>
      <Field
        label={t('setup.email.label')}
        type="email"
        name="email"
        autoComplete="username"
        value={email}
        error={missing.email}
        hasFocus={!knownEmail}
        onChange={(value) => {
          setEmail(value);
          setMissing({ ...missing, email: null });
          task.clear();
        }}
      />
      <Field
        label={t('setup.password.label')}
        type="password"
        name="password"
        autoComplete="current-password"
        value={password}
        error={missing.password}
        hasFocus={Boolean(knownEmail)}
        onChange={(value) => {
          setPassword(value);
          setMissing({ ...missing, password: null });
          task.clear();
        }}
      />
      {task.problem ? <Notice tone="danger">{task.problem}</Notice> : null}
      <Button type="submit" tone="primary" size="large" wide isPending={task.isRunning}>
        {t('login.submit')}
      </Button>
    </form>
  );
}
