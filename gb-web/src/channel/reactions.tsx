import type { Message } from 'gb-protocol';
import { Button, Tooltip, TooltipTrigger } from 'react-aria-components';
import { useMe, useUsers } from '../app/client-context.tsx';
import { useDates } from '../i18n/dates.ts';
import { useT } from '../i18n/index.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { useMessageActions } from './message-actions.ts';

const namesMax = 12;

/** One chip per kind of reaction, with how many and, on hover or focus, who. */
export function Reactions({ message }: { message: Message }) {
  const t = useT();
  const dates = useDates();
  const me = useMe();
  const users = useUsers();
  const actions = useMessageActions();
  return (
    <ul className="reactions" aria-label={t('message.reactions')}>
      {message.reactions.map(({ emoji, userIds }) => {
        const isMine = userIds.includes(me.id);
        const names = userIds
          .slice(0, namesMax)
          .map((id) => (id === me.id ? t('common.you') : withoutReordering(users.get(id)?.name ?? '…')));
        if (userIds.length > namesMax) names.push(t('message.others', { count: userIds.length - namesMax }));
        const who = dates.list(names);
        return (
          <li key={emoji}>
            <TooltipTrigger delay={300} closeDelay={0}>
              <Button
                className={`reaction${isMine ? ' is-mine' : ''}`}
                aria-label={t('message.reaction', { emoji, count: userIds.length, names: who })}
                isDisabled={!actions.canPost}
                onPress={() => actions.react(message, emoji, !isMine)}
              >
                <span className="reaction-emoji">{emoji}</span>
                <span className="reaction-count">{dates.number(userIds.length)}</span>
              </Button>
              <Tooltip className="tooltip" offset={6}>
                {who}
              </Tooltip>
            </TooltipTrigger>
          </li>
        );
      })}
    </ul>
  );
}
