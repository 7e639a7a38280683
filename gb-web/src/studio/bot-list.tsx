import { Bot as BotIcon, ChevronRight, Plus } from 'lucide-react';
import { useBots, useMe } from '../app/client-context.tsx';
import { navigate } from '../app/router.ts';
import { Avatar } from '../design/avatar.tsx';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { Pane } from '../design/pane.tsx';
import { useDates } from '../i18n/dates.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { useT } from './words/index.ts';

export function BotList() {
  const t = useT();
  const dates = useDates();
  const me = useMe();
  const bots = useBots();
  const create =
    me.role === 'guest' ? undefined : (
      <Button
        tone="primary"
        size="small"
        icon={<Plus size={16} aria-hidden />}
        onPress={() => navigate({ screen: 'studio', botId: 'new' })}
      >
        {t('side.newBot')}
      </Button>
    );
  return (
    <Pane
      title={t('rail.studio')}
      label={t('rail.studio')}
      actions={create}
      onClose={() => navigate({ screen: 'home' })}
      takesFocus={false}
    >
      <div className="pane-body">
        {bots.length === 0 ? (
          <Empty icon={<BotIcon size={24} />} title={t('studio.emptyTitle')} action={create}>
            {t('studio.emptyText')}
          </Empty>
        ) : (
          <div className="page-body stack">
            <ul className="list-card">
              {[...bots]
                .sort((a, b) => a.name.localeCompare(b.name))
                .map((bot) => (
                  <li key={bot.id}>
                    <button type="button" className="list-row" onClick={() => navigate({ screen: 'studio', botId: bot.id })}>
                      <Avatar user={{ id: bot.userId, name: bot.name, kind: 'bot' }} />
                      <span className="list-row-text">
                        <span className="list-row-title truncate">
                          {withoutReordering(bot.name)}{' '}
                          <span className="tag">
                            {bot.publishedVersion === null
                              ? t('studio.draft')
                              : t('studio.version', { version: bot.publishedVersion })}
                          </span>
                        </span>
                        <span className="soft truncate person-handle">
                          @{bot.handle} ·{' '}
                          {withoutReordering(bot.description) || t('studio.updated', { ago: dates.ago(bot.updatedAt) })}
                        </span>
                      </span>
                      <ChevronRight size={16} aria-hidden />
                    </button>
                  </li>
                ))}
            </ul>
          </div>
        )}
      </div>
    </Pane>
  );
}
