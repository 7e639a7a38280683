import type { BotId } from 'gb-protocol';
import './studio.css';
import { useClient, useMe } from '../app/client-context.tsx';
import { explain } from '../app/problem.ts';
import { navigate } from '../app/router.ts';
import { useLoaded } from '../app/use-loaded.ts';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { Pane } from '../design/pane.tsx';
import { BotList } from './bot-list.tsx';
import { TemplatePicker } from './template-picker.tsx';
import { useT } from './words/index.ts';
import { Workbench } from './workbench.tsx';

/** Where bots are written. All of it, editor and compiler too, is loaded when somebody first comes here. */
export function Studio({ botId }: { botId: BotId | 'new' | null }) {
  const me = useMe();
  if (botId === null) return <BotList />;
  if (botId === 'new' && me.role !== 'guest') return <TemplatePicker />;
  return botId === 'new' ? <BotList /> : <OpenBot botId={botId} />;
}

function OpenBot({ botId }: { botId: BotId }) {
  const t = useT();
  const client = useClient();
  const bot = useLoaded(botId, () => client.rest.bot(botId));
  if (bot.value) return <Workbench bot={bot.value} onChange={bot.set} />;
  if (!bot.error) return null;
  return (
    <Pane title={t('rail.studio')} label={t('rail.studio')} onClose={() => navigate({ screen: 'studio', botId: null })}>
      <Empty
        title={t('studio.failedTitle')}
        action={
          <Button tone="primary" onPress={bot.reload}>
            {t('common.tryAgain')}
          </Button>
        }
      >
        {explain(bot.error, t)}
      </Empty>
    </Pane>
  );
}
