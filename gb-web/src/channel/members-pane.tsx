import type { ChannelId, UserId } from 'gb-protocol';
import { UserMinus } from 'lucide-react';
import { useCallback, useState } from 'react';
import { useChannel, useClient, useMe } from '../app/client-context.tsx';
import { explain } from '../app/problem.ts';
import { navigate, toChannel } from '../app/router.ts';
import { showToast } from '../app/toasts.tsx';
import { useLoaded } from '../app/use-loaded.ts';
import { useTask } from '../app/use-task.ts';
import { Button, IconButton } from '../design/button.tsx';
import { Field } from '../design/field.tsx';
import { Notice } from '../design/notice.tsx';
import { Pane } from '../design/pane.tsx';
import { useT } from '../i18n/index.ts';
import { fuzzyFilter } from '../lib/fuzzy.ts';
import { isAdmin } from '../lib/roles.ts';
import { PeoplePicker } from './people-picker.tsx';
import { PersonRow } from './person-list.tsx';
import { useChannelTitle } from './use-channel-title.ts';

export function MembersPane({ channelId, onClose }: { channelId: ChannelId; onClose: () => void }) {
  const t = useT();
  const client = useClient();
  const me = useMe();
  const view = useChannel(channelId);
  const title = useChannelTitle(channelId);
  const members = useLoaded(`${channelId}:${view?.memberCount ?? 0}`, () => client.rest.members(channelId));
  const [query, setQuery] = useState('');
  const [isAdding, setAdding] = useState(false);
  const [chosen, setChosen] = useState<readonly UserId[]>([]);
  const list = members.value?.members ?? [];
  const isNamed = view?.channel.kind === 'public' || view?.channel.kind === 'private';
  const canChange = isNamed && me.role !== 'guest' && !view?.channel.isArchived;
  const canRemove = isNamed && isAdmin(me);

  const adding = useTask(async () => {
    await client.rest.addMembers(channelId, chosen);
    setChosen([]);
    setAdding(false);
    members.reload();
  });
  const removing = useTask(async (userId: UserId, name: string) => {
    await client.rest.removeMember(channelId, userId);
    members.reload();
    showToast(t('members.removed', { name }), {
      action: {
        label: t('common.undo'),
        run: () =>
          void client.rest
            .addMembers(channelId, [userId])
            .then(members.reload, (error) => showToast(explain(error, t), { tone: 'danger' })),
      },
    });
  });
  const memberIds = members.value;
  const isHidden = useCallback(
    (user: { id: UserId }) => memberIds?.members.some(({ id }) => id === user.id) ?? false,
    [memberIds],
  );

  return (
    <Pane title={t('members.title')} label={t('members.title')} subtitle={isNamed ? `#${title}` : title} onClose={onClose}>
      <div className="pane-body stack">
        {canChange && !isAdding ? (
          <Button wide onPress={() => setAdding(true)}>
            {t('beginning.addPeople')}
          </Button>
        ) : null}
        {isAdding ? (
          <div className="stack">
            <PeoplePicker label={t('members.add')} chosen={chosen} onChange={setChosen} isHidden={isHidden} hasFocus />
            {adding.problem ? <Notice tone="danger">{adding.problem}</Notice> : null}
            <div className="row row-end">
              <Button tone="quiet" onPress={() => setAdding(false)}>
                {t('common.cancel')}
              </Button>
              <Button
                tone="primary"
                isDisabled={chosen.length === 0}
                isPending={adding.isRunning}
                onPress={() => void adding.run()}
              >
                {t('members.addButton', { count: chosen.length })}
              </Button>
            </div>
          </div>
        ) : null}
        {list.length > 8 && !isAdding ? <Field label={t('members.find')} value={query} onChange={setQuery} /> : null}
        {members.error ? <Notice tone="danger">{explain(members.error, t)}</Notice> : null}
        {removing.problem ? <Notice tone="danger">{removing.problem}</Notice> : null}
        {isAdding ? null : (
          <div className="person-list">
            {fuzzyFilter(query, list, (user) => [user.name, user.handle], 500).map((user) => (
              <PersonRow
                key={user.id}
                user={user}
                note={
                  user.role === 'owner' || user.role === 'admin' || user.role === 'guest' ? t(`role.${user.role}`) : undefined
                }
                onPress={(userId) => navigate(toChannel(channelId, { pane: { kind: 'person', userId } }))}
                action={
                  canRemove && user.id !== me.id ? (
                    <IconButton
                      size="small"
                      label={t('members.remove', { name: user.name })}
                      onPress={() => void removing.run(user.id, user.name)}
                    >
                      <UserMinus size={16} aria-hidden />
                    </IconButton>
                  ) : undefined
                }
              />
            ))}
          </div>
        )}
      </div>
    </Pane>
  );
}
