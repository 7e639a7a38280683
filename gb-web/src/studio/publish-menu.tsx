import type { BotDetail } from 'gb-protocol';
import { Rocket } from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { useClient, useUsers } from '../app/client-context.tsx';
import { showToast } from '../app/toasts.tsx';
import { useTask } from '../app/use-task.ts';
import { Button } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { useDates } from '../i18n/dates.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { useT } from './words/index.ts';

/** Publishing is a step of its own, and reversible: people talk to the version published last, or to an earlier one chosen here. */
export function PublishMenu({
  bot,
  hasErrors,
  onSave,
  onChange,
}: {
  bot: BotDetail;
  hasErrors: boolean;
  onSave: () => Promise<boolean>;
  onChange: (bot: BotDetail) => void;
}) {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  const dates = useDates();
  const client = useClient();
  const users = useUsers();
  const publishing = useTask(async () => {
    if (!(await onSave())) return;
    const { version } = await client.rest.publishBot(bot.id);
    onChange(await client.rest.bot(bot.id));
    showToast(t('studio.published', { version }));
    setOpen(false);
  });
  const rollingBack = useTask(async (version: number) => {
    await client.rest.rollBackBot(bot.id, version);
    onChange(await client.rest.bot(bot.id));
    showToast(t('studio.rolledBack', { version }));
  });
  const problem = publishing.problem ?? rollingBack.problem;

  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
      <AriaButton className="button button-primary button-small">
        <Rocket size={16} aria-hidden />
        {t('studio.publish')}
      </AriaButton>
      <Popover className="popover" placement="bottom end">
        <Dialog className="small-dialog stack" aria-label={t('studio.publish')}>
          <p className="soft">
            {bot.publishedVersion === null
              ? t('studio.neverPublished')
              : t('studio.isPublished', { version: bot.publishedVersion })}
          </p>
          {problem ? <Notice tone="danger">{problem}</Notice> : null}
          {hasErrors ? <Notice tone="warning">{t('studio.fixFirst')}</Notice> : null}
          {bot.origin === 'package' ? null : (
            <Button
              tone="primary"
              wide
              isDisabled={hasErrors}
              isPending={publishing.isRunning}
              onPress={() => void publishing.run()}
            >
              {t('studio.publishNow')}
            </Button>
          )}
          {bot.versions.length > 0 ? (
            <section>
              <h3 className="section-title">{t('studio.versions')}</h3>
              <ul className="versions">
                {[...bot.versions]
                  .sort((a, b) => b.version - a.version)
                  .map((version) => (
                    <li key={version.version}>
                      <span className="grow">
                        <strong>{t('studio.version', { version: version.version })}</strong>
                        <span className="soft person-handle">
                          {dates.ago(version.publishedAt)}
                          {version.publishedBy ? ` · ${withoutReordering(users.get(version.publishedBy)?.name ?? '…')}` : ''}
                        </span>
                      </span>
                      {version.version === bot.publishedVersion ? (
                        <span className="tag">{t('studio.live')}</span>
                      ) : (
                        <Button
                          size="small"
                          isPending={rollingBack.isRunning}
                          onPress={() => void rollingBack.run(version.version)}
                        >
                          {t('studio.rollBack')}
                        </Button>
                      )}
                    </li>
                  ))}
              </ul>
            </section>
          ) : null}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
