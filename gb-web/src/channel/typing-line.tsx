import type { ChannelId, Seq } from 'gb-protocol';
import { useTyping, useUsers } from '../app/client-context.tsx';
import { useDates } from '../i18n/dates.ts';
import { useT } from '../i18n/index.ts';
import { withoutReordering } from '../lib/safe-text.ts';

/** Keeps its height when nobody types, so the list does not move. Not announced: it would never stop talking. */
export function TypingLine({ channelId, threadSeq }: { channelId: ChannelId; threadSeq: Seq | null }) {
  const t = useT();
  const dates = useDates();
  const ids = useTyping(channelId, threadSeq);
  const users = useUsers();
  const names = ids.flatMap((id) => users.get(id)?.name ?? []).map(withoutReordering);
  const text =
    names.length === 0
      ? ''
      : names.length > 3
        ? t('typing.many')
        : t('typing.some', { names: dates.list(names), count: names.length });
  return <div className="typing-line soft truncate">{text}</div>;
}
