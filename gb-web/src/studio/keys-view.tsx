import type { BotDetail } from 'gb-protocol';
import { Copy, KeyRound } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useClient, useUsers } from '../app/client-context.tsx';
import { showToast } from '../app/toasts.tsx';
import { useLoaded } from '../app/use-loaded.ts';
import { useTask } from '../app/use-task.ts';
import { Button, IconButton } from '../design/button.tsx';
import { Field } from '../design/field.tsx';
import { Notice } from '../design/notice.tsx';
import { useDates } from '../i18n/dates.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { StudioPage } from './studio-page.tsx';
import { useUndo } from './use-undo.ts';
import { useT } from './words/index.ts';

/** What lets other programs talk to this bot. A token is shown once, when it is made. */
export function KeysView({ bot }: { bot: BotDetail }) {
  const t = useT();
  const dates = useDates();
  const client = useClient();
  const users = useUsers();
  const loaded = useLoaded(bot.id, async () => (await client.rest.botKeys(bot.id)).keys);
  const [token, setToken] = useState<{ name: string; text: string } | null>(null);
  const { gone, later } = useUndo();
  const making = useTask(async (name: string) => {
    const made = await client.rest.createBotKey(bot.id, name);
    setToken({ name, text: made.token });
    loaded.reload();
  });
  const form = <NewKey isBusy={making.isRunning} problem={making.problem} onMake={(name) => making.run(name)} />;
  return (
    <StudioPage
      loaded={loaded}
      isEmpty={(keys) => keys.length === 0 && token === null}
      empty={{ icon: <KeyRound size={24} />, title: t('keys.emptyTitle'), text: t('keys.emptyText'), action: form }}
    >
      {(keys) => (
        <>
          <p className="soft">{t('keys.emptyText')}</p>
          {token ? <NewToken name={token.name} token={token.text} /> : null}
          {form}
          <ul className="list-card">
            {keys
              .filter(({ id }) => !gone.has(id))
              .map((key) => {
                const name = withoutReordering(key.name);
                return (
                  <li key={key.id} className="list-row studio-row">
                    <KeyRound size={20} aria-hidden />
                    <span className="list-row-text">
                      <span className="list-row-title truncate">{name}</span>
                      <span className="soft person-handle">
                        {t('keys.made', {
                          name: withoutReordering(users.get(key.createdBy)?.name ?? '…'),
                          ago: dates.ago(key.createdAt),
                        })}
                        {' · '}
                        {key.lastUsedAt === null ? t('keys.neverUsed') : t('keys.used', { ago: dates.ago(key.lastUsedAt) })}
                      </span>
                    </span>
                    <Button
                      size="small"
                      tone="danger"
                      aria-label={`${t('keys.revoke')}: ${name}`}
                      onPress={() =>
                        later(key.id, t('keys.revoked', { name }), () => client.rest.revokeBotKey(bot.id, key.id), loaded.reload)
                      }
                    >
                      {t('keys.revoke')}
                    </Button>
                  </li>
                );
              })}
          </ul>
        </>
      )}
    </StudioPage>
  );
}

function NewKey({
  isBusy,
  problem,
  onMake,
}: {
  isBusy: boolean;
  problem: string | null;
  onMake: (name: string) => Promise<boolean>;
}) {
  const t = useT();
  const [name, setName] = useState('');
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (name.trim() !== '' && (await onMake(name.trim()))) setName('');
  };
  return (
    <form className="row key-form" onSubmit={(event) => void submit(event)}>
      <Field
        label={t('keys.name')}
        value={name}
        onChange={setName}
        placeholder={t('keys.nameExample')}
        maxLength={80}
        error={problem}
      />
      <Button type="submit" tone="primary" isPending={isBusy} isDisabled={name.trim() === ''}>
        {t('keys.make')}
      </Button>
    </form>
  );
}

function NewToken({ name, token }: { name: string; token: string }) {
  const t = useT();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(token);
      showToast(t('keys.copied'));
    } catch {
      // Without a secure page, or when the person said no.
      showToast(t('problem.clipboard'), { tone: 'danger' });
    }
  };
  return (
    <Notice
      tone="warning"
      action={
        <IconButton label={t('keys.copy')} onPress={() => void copy()}>
          <Copy size={16} aria-hidden />
        </IconButton>
      }
    >
      {t('keys.once', { name: withoutReordering(name) })}
      <input
        className="studio-input is-code key-token"
        value={token}
        readOnly
        aria-label={t('keys.token')}
        onFocus={(e) => e.target.select()}
      />
    </Notice>
  );
}
