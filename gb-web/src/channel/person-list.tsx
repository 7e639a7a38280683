import type { User, UserId } from 'gb-protocol';
import type { ReactNode } from 'react';
import { usePresenceOf } from '../app/client-context.tsx';
import { Avatar } from '../design/avatar.tsx';
import { useT } from '../i18n/index.ts';
import { withoutReordering } from '../lib/safe-text.ts';

/** People in rows; a click on a row shows the person, `action` is what else can be done. */
export function PersonRow({
  user,
  onPress,
  action,
  note,
}: {
  user: User;
  onPress?: (id: UserId) => void;
  action?: ReactNode;
  note?: ReactNode;
}) {
  const t = useT();
  const presence = usePresenceOf(user.id);
  const name = withoutReordering(user.name);
  const text = (
    <>
      <Avatar user={user} presence={user.kind === 'bot' ? undefined : presence} />
      <span className="list-row-text">
        <span className="list-row-title truncate">
          {name} {user.kind === 'bot' ? <span className="tag">{t('message.bot')}</span> : null}
          {user.isActive ? null : <span className="tag">{t('people.deactivated')}</span>}
        </span>
        <span className="soft truncate person-handle">
          @{user.handle}
          {note ? <> · {note}</> : null}
        </span>
      </span>
    </>
  );
  return (
    <div className="person-row">
      {onPress ? (
        <button type="button" className="list-row" onClick={() => onPress(user.id)}>
          {text}
        </button>
      ) : (
        <div className="list-row">{text}</div>
      )}
      {action ? <span className="person-action">{action}</span> : null}
    </div>
  );
}
