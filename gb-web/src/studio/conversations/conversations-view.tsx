import type { BotConversation, BotDetail, ConversationId, Migrated } from 'gb-protocol';
import { ChevronRight, MessagesSquare } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useClient } from '../../app/client-context.tsx';
import { navigate } from '../../app/router.ts';
import { showToast } from '../../app/toasts.tsx';
import { useLoaded } from '../../app/use-loaded.ts';
import { useTask } from '../../app/use-task.ts';
import { Button } from '../../design/button.tsx';
import { SelectChoice } from '../../design/choice.tsx';
import { Notice } from '../../design/notice.tsx';
import { useDates } from '../../i18n/dates.ts';
import { StudioPage, useRefresh } from '../studio-page.tsx';
import { type StudioKey, useT } from '../words/index.ts';
import { ConversationView } from './conversation-view.tsx';
import { isOver, stateWords } from './state-words.ts';
import { useWho } from './use-who.ts';

const pageSize = 50;

type Filter = 'all' | Extract<BotConversation['status'], 'waiting' | 'asking' | 'parked' | 'failed'>;

const filters: readonly { readonly id: Filter; readonly label: StudioKey }[] = [
  { id: 'all', label: 'conversations.all' },
  { id: 'waiting', label: 'conversations.waiting' },
  { id: 'asking', label: 'conversations.asking' },
  { id: 'parked', label: 'conversations.parked' },
  { id: 'failed', label: 'conversations.failed' },
];

/** Where everybody who talks to the bot stands, and the runs that nobody talks to. One of them when its address says so. */
export function ConversationsView({
  bot,
  conversationId,
  turn,
  onShow,
}: {
  bot: BotDetail;
  conversationId: string | null;
  turn: number | null;
  onShow: (file: string, line: number) => void;
}) {
  if (conversationId !== null)
    return (
      <ConversationView
        key={conversationId}
        bot={bot}
        conversationId={conversationId as ConversationId}
        turn={turn}
        onShow={onShow}
      />
    );
  return <ConversationList bot={bot} />;
}

function ConversationList({ bot }: { bot: BotDetail }) {
  const t = useT();
  const client = useClient();
  const [filter, setFilter] = useState<Filter>('all');
  const query = filter === 'all' ? {} : { status: filter };
  const loaded = useLoaded(`${bot.id}:${filter}`, () => client.rest.botConversations(bot.id, { limit: pageSize, ...query }));
  const [more, setMore] = useState<{ rows: readonly BotConversation[]; next: string | null } | null>(null);
  useRefresh(loaded.reload);
  // biome-ignore lint/correctness/useExhaustiveDependencies: of another question the pages are others
  useEffect(() => setMore(null), [filter]);
  const loading = useTask(async (before: string) => {
    const page = await client.rest.botConversations(bot.id, { limit: pageSize, before, ...query });
    setMore({ rows: [...(more?.rows ?? []), ...page.conversations], next: page.next });
  });
  const moving = useTask(async () => {
    let moved = 0;
    const refused: string[] = [];
    let after: ConversationId | null = null;
    do {
      const page: Migrated = await client.rest.migrateBotConversations(bot.id, after === null ? {} : { after });
      moved += page.migrated;
      refused.push(...page.refused.map(({ reason }) => reason));
      after = page.next;
    } while (after !== null);
    showToast(t('conversations.moved', { count: moved }));
    if (refused[0] !== undefined)
      showToast(t('conversations.refused', { count: refused.length, reason: refused[0] }), { tone: 'danger' });
    loaded.reload();
  });
  return (
    <StudioPage
      loaded={loaded}
      isEmpty={({ conversations }) => conversations.length === 0 && filter === 'all'}
      empty={{
        icon: <MessagesSquare size={24} />,
        title: t('conversations.emptyTitle'),
        text: t('conversations.emptyText'),
      }}
      problem={loading.problem ?? moving.problem}
    >
      {({ conversations, next }) => {
        const known = new Set(conversations.map(({ id }) => id));
        const rows = [...conversations, ...(more?.rows ?? []).filter(({ id }) => !known.has(id))];
        const old = rows.filter((one) => !one.isCurrent && !isOver(one)).length;
        const last = more ? more.next : next;
        return (
          <>
            <div className="row">
              <SelectChoice
                label={t('conversations.show')}
                isLabelHidden
                value={filter}
                onChange={setFilter}
                options={filters.map(({ id, label }) => ({ id, label: t(label) }))}
              />
            </div>
            {old > 0 && bot.publishedVersion !== null ? (
              <Notice
                action={
                  <Button size="small" isPending={moving.isRunning} onPress={() => void moving.run()}>
                    {t('conversations.moveAll', { version: bot.publishedVersion })}
                  </Button>
                }
              >
                {t('conversations.old', { count: old })}
              </Notice>
            ) : null}
            {rows.length === 0 ? <p className="soft">{t('conversations.none')}</p> : null}
            <ul className="list-card">
              {rows.map((one) => (
                <li key={one.id}>
                  <Row bot={bot} one={one} />
                </li>
              ))}
            </ul>
            {last === null ? null : (
              <div>
                <Button size="small" isPending={loading.isRunning} onPress={() => void loading.run(last)}>
                  {t('conversations.more')}
                </Button>
              </div>
            )}
          </>
        );
      }}
    </StudioPage>
  );
}

function Row({ bot, one }: { bot: BotDetail; one: BotConversation }) {
  const t = useT();
  const dates = useDates();
  const who = useWho(one);
  return (
    <button
      type="button"
      className="list-row"
      onClick={() => navigate({ screen: 'studio', botId: bot.id, tab: 'conversations', item: one.id })}
    >
      <span className={`state-dot state-${one.status}`} aria-hidden />
      <span className="list-row-text">
        <span className="list-row-title truncate">
          {who}{' '}
          {one.isCurrent || one.version === null ? null : (
            <span className="tag">{t('studio.version', { version: one.version })}</span>
          )}
        </span>
        <span className="soft person-handle truncate">{stateWords(one, t, dates)}</span>
      </span>
      <span className="soft studio-when">{dates.ago(one.updatedAt)}</span>
      <ChevronRight size={16} aria-hidden />
    </button>
  );
}
