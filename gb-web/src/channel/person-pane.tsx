import type { UserId } from 'gb-protocol';
import { Bot, MessageSquare, Settings } from 'lucide-react';
import { useBots, useClient, useMe, usePresenceOf, useUser } from '../app/client-context.tsx';
import { navigate, toChannel } from '../app/router.ts';
import { useTask } from '../app/use-task.ts';
import { Avatar } from '../design/avatar.tsx';
import { Button } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { Pane } from '../design/pane.tsx';
import { useT } from '../i18n/index.ts';
import { withoutReordering } from '../lib/safe-text.ts';

/** Who somebody is, and the one thing one usually wants next: a word with them. */
export function PersonPane({ userId, onClose }: { userId: UserId; onClose: () => void }) {
  const t = useT();
  const client = useClient();
  const user = useUser(userId);
  const presence = usePresenceOf(userId);
  const me = useMe();
  const bot = useBots().find((candidate) => candidate.userId === userId);
  const opening = useTask(async () => {
    const { state } = await client.rest.openDirect({ userIds: [userId] });
    client.addChannel(state);
    navigate(toChannel(state.channel.id));
  });
  return (
    <Pane title={t(user.kind === 'bot' ? 'person.bot' : 'person.title')} label={user.name} onClose={onClose}>
      <div className="pane-body stack">
        <div className="person-card">
          <Avatar user={user} size={72} />
          <h3>{withoutReordering(user.name)}</h3>
          <p className="soft">
            @{user.handle} · {user.kind === 'bot' ? t('message.bot') : t(`role.${user.role === 'bot' ? 'member' : user.role}`)}
          </p>
          {user.kind === 'person' ? (
            <p className="soft">{user.isActive ? t(`presence.${presence}`) : t('people.deactivated')}</p>
          ) : (
            <p>{bot ? withoutReordering(bot.description) : ''}</p>
          )}
        </div>
        {opening.problem ? <Notice tone="danger">{opening.problem}</Notice> : null}
        {userId === me.id ? (
          <Button
            wide
            icon={<Settings size={16} aria-hidden />}
            onPress={() => navigate({ screen: 'settings', section: 'profile' })}
          >
            {t('person.editProfile')}
          </Button>
        ) : (
          <Button
            tone="primary"
            wide
            icon={<MessageSquare size={16} aria-hidden />}
            isDisabled={!user.isActive}
            isPending={opening.isRunning}
            onPress={() => void opening.run()}
          >
            {t('person.message')}
          </Button>
        )}
        {bot && me.role !== 'guest' ? (
          <Button wide icon={<Bot size={16} aria-hidden />} onPress={() => navigate({ screen: 'studio', botId: bot.id })}>
            {t('person.openStudio')}
          </Button>
        ) : null}
      </div>
    </Pane>
  );
}
