import { type ChannelId, limits, type NotificationLevel } from 'gb-protocol';
import { Archive, ArchiveRestore, LogOut } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useChannel, useClient, useMe } from '../app/client-context.tsx';
import { explain } from '../app/problem.ts';
import { navigate } from '../app/router.ts';
import { showToast } from '../app/toasts.tsx';
import { useTask } from '../app/use-task.ts';
import { Button } from '../design/button.tsx';
import { RadioChoice } from '../design/choice.tsx';
import { Field } from '../design/field.tsx';
import { Notice } from '../design/notice.tsx';
import { Pane } from '../design/pane.tsx';
import { useDates } from '../i18n/dates.ts';
import { useT } from '../i18n/index.ts';
import { useChannelTitle } from './use-channel-title.ts';

export function DetailsPane({ channelId, onClose }: { channelId: ChannelId; onClose: () => void }) {
  const t = useT();
  const dates = useDates();
  const client = useClient();
  const me = useMe();
  const view = useChannel(channelId);
  const title = useChannelTitle(channelId);
  const [name, setName] = useState(view?.channel.name ?? '');
  const [topic, setTopic] = useState(view?.channel.topic ?? '');
  const saving = useTask(async () => {
    await client.rest.updateChannel(channelId, { name: name.trim(), topic: topic.trim() });
    showToast(t('common.saved'), { forMs: 2_000 });
  });
  const archiving = useTask(async (isArchived: boolean) => {
    await client.rest.updateChannel(channelId, { isArchived });
    if (isArchived)
      showToast(t('details.archived', { name: title }), {
        action: { label: t('common.undo'), run: () => void archiving.run(false) },
      });
  });
  const leaving = useTask(async () => {
    const isPublic = view?.channel.kind === 'public';
    await client.rest.removeMember(channelId, 'me');
    navigate({ screen: 'home' }, { replace: true });
    showToast(t('details.left', { name: title }), {
      ...(isPublic
        ? {
            action: {
              label: t('common.undo'),
              run: () =>
                void client.rest.joinChannel(channelId).then(
                  ({ state }) => client.addChannel(state),
                  (error) => showToast(explain(error, t), { tone: 'danger' }),
                ),
            },
          }
        : {}),
    });
  });
  if (!view) return null;
  const { channel } = view;
  const isNamed = channel.kind === 'public' || channel.kind === 'private';
  const canChange = isNamed && me.role !== 'guest' && !channel.isArchived;
  const isDirty = name.trim() !== channel.name || topic.trim() !== channel.topic;

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isDirty && name.trim() !== '') void saving.run();
  };

  return (
    <Pane title={t('channel.details')} label={t('channel.details')} subtitle={isNamed ? `#${title}` : title} onClose={onClose}>
      <div className="pane-body stack stack-24">
        {isNamed ? (
          <form className="stack" onSubmit={submit}>
            <Field
              label={t('details.name')}
              value={name}
              onChange={setName}
              maxLength={limits.channelNameMax}
              isDisabled={!canChange}
            />
            <Field
              label={t('details.topic')}
              value={topic}
              onChange={setTopic}
              maxLength={limits.channelTopicMax}
              rows={3}
              hint={t('details.topicHint')}
              isDisabled={!canChange}
            />
            {saving.problem ? <Notice tone="danger">{saving.problem}</Notice> : null}
            {isDirty ? (
              <Button type="submit" tone="primary" isDisabled={name.trim() === ''} isPending={saving.isRunning}>
                {t('common.save')}
              </Button>
            ) : null}
          </form>
        ) : null}
        <RadioChoice<NotificationLevel>
          label={t('details.notifications')}
          value={view.membership.notifications}
          onChange={(level) => void client.setNotifications(channelId, level)}
          options={[
            { id: 'all', label: t('details.all'), description: t('details.allText') },
            { id: 'mentions', label: t('details.mentions'), description: t('details.mentionsText') },
            { id: 'none', label: t('details.none'), description: t('details.noneText') },
          ]}
        />
        <p className="soft">{t('details.created', { date: dates.full(channel.createdAt) })}</p>
        {isNamed ? (
          <div className="stack">
            {archiving.problem || leaving.problem ? <Notice tone="danger">{archiving.problem ?? leaving.problem}</Notice> : null}
            {channel.isArchived ? (
              <Button icon={<ArchiveRestore size={16} aria-hidden />} onPress={() => void archiving.run(false)}>
                {t('details.restore')}
              </Button>
            ) : (
              <>
                <Button icon={<LogOut size={16} aria-hidden />} onPress={() => void leaving.run()}>
                  {t('details.leave')}
                </Button>
                {me.role === 'guest' ? null : (
                  <Button tone="danger" icon={<Archive size={16} aria-hidden />} onPress={() => void archiving.run(true)}>
                    {t('details.archive')}
                  </Button>
                )}
              </>
            )}
          </div>
        ) : null}
      </div>
    </Pane>
  );
}
