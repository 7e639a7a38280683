import type { Seq, ThreadSummary } from 'gb-protocol';
import { strangerOf, useUsers } from '../app/client-context.tsx';
import { Avatar } from '../design/avatar.tsx';
import { useDates } from '../i18n/dates.ts';
import { useT } from '../i18n/index.ts';
import { useMessageActions } from './message-actions.ts';

export function ThreadSummaryLine({ seq, thread }: { seq: Seq; thread: ThreadSummary }) {
  const t = useT();
  const dates = useDates();
  const users = useUsers();
  const actions = useMessageActions();
  return (
    <button type="button" className="thread-summary" onClick={() => actions.openThread(seq)}>
      <span className="faces">
        {thread.userIds.slice(0, 4).map((id) => (
          <Avatar key={id} user={users.get(id) ?? strangerOf(id)} size={20} />
        ))}
      </span>
      <strong>{t('message.replies', { count: thread.replyCount })}</strong>
      <span className="soft">{t('message.lastReply', { ago: dates.ago(thread.lastReplyAt) })}</span>
    </button>
  );
}
