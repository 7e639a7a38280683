import { limits } from 'gb-protocol';
import { type FormEvent, useState } from 'react';
import { useClient, useMe } from '../app/client-context.tsx';
import { codeOf, explain } from '../app/problem.ts';
import { showToast } from '../app/toasts.tsx';
import { useTask } from '../app/use-task.ts';
import { Avatar } from '../design/avatar.tsx';
import { Button } from '../design/button.tsx';
import { Field } from '../design/field.tsx';
import { Notice } from '../design/notice.tsx';
import { useT } from '../i18n/index.ts';
import { checkName, checkPassword } from '../screens/checks.ts';

export function ProfileSection() {
  const t = useT();
  const client = useClient();
  const me = useMe();
  const [name, setName] = useState(me.name);
  const [wrongName, setWrongName] = useState<string | null>(null);
  const saving = useTask(async () => {
    await client.rest.updateMe({ name: name.trim() });
    showToast(t('common.saved'), { forMs: 2_000 });
  });

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const wrong = checkName(name, t);
    setWrongName(wrong);
    if (!wrong) void saving.run();
  };

  return (
    <div className="stack stack-24">
      <form className="stack" onSubmit={submit}>
        <div className="row profile-head">
          <Avatar user={{ ...me, name }} size={72} />
          <div className="grow">
            <p className="truncate">{me.email}</p>
            <p className="soft">
              @{me.handle} · {t(`role.${me.role === 'bot' ? 'member' : me.role}`)}
            </p>
          </div>
        </div>
        <Field
          label={t('setup.name.label')}
          value={name}
          onChange={setName}
          error={wrongName}
          maxLength={limits.userNameMax}
          autoComplete="name"
        />
        {saving.problem ? <Notice tone="danger">{saving.problem}</Notice> : null}
        <div className="row">
          <Button type="submit" tone="primary" isDisabled={name.trim() === me.name} isPending={saving.isRunning}>
            {t('common.save')}
          </Button>
        </div>
      </form>
      <PasswordForm />
    </div>
  );
}

function PasswordForm() {
  const t = useT();
  const client = useClient();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [wrong, setWrong] = useState<{ current?: string | null; next?: string | null }>({});
  const changing = useTask(
    async () => {
      await client.rest.changePassword(current, next);
      setCurrent('');
      setNext('');
      showToast(t('settings.passwordChanged'));
    },
    (error) => {
      const code = codeOf(error);
      if (code === 'wrong_credentials') setWrong({ current: t('settings.passwordWrong') });
      else if (code === 'password_weak') setWrong({ next: explain(error, t) });
      else return false;
      return true;
    },
  );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const problems = { current: current === '' ? t('check.passwordMissing') : null, next: checkPassword(next, t) };
    setWrong(problems);
    if (!problems.current && !problems.next) void changing.run();
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <h3 className="section-title">{t('settings.password')}</h3>
      <Field
        label={t('settings.passwordCurrent')}
        type="password"
        autoComplete="current-password"
        value={current}
        onChange={setCurrent}
        error={wrong.current ?? null}
      />
      <Field
        label={t('settings.passwordNext')}
        type="password"
        autoComplete="new-password"
        value={next}
        onChange={setNext}
        error={wrong.next ?? null}
        hint={t('setup.password.hint', { min: limits.passwordMin })}
      />
      {changing.problem ? <Notice tone="danger">{changing.problem}</Notice> : null}
      <div className="row">
        <Button type="submit" isPending={changing.isRunning}>
          {t('settings.passwordChange')}
        </Button>
      </div>
    </form>
  );
}
