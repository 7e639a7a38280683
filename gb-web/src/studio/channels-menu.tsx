import type { BotDetail, ChannelId } from 'gb-protocol';
import { Hash, Lock } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { useChannels, useClient } from '../app/client-context.tsx';
import { useTask } from '../app/use-task.ts';
import { Button } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { withoutReordering } from '../lib/safe-text.ts';
import { useT } from './words/index.ts';

/** Which channels the bot is in. Adding and taking out are equally one click away. */
export function ChannelsMenu({ bot, onChange }: { bot: BotDetail; onChange: (bot: BotDetail) => void }) {
  const t = useT();
  const client = useClient();
  const channels = useChannels().filter(
    ({ channel }) => (channel.kind === 'public' || channel.kind === 'private') && !channel.isArchived,
  );
  const latest = useRef({ bot, onChange });
  latest.current = { bot, onChange };
  // A bot also comes into a channel by what its scripts say there, and by what others do: somebody came or went.
  const counts = channels.map(({ memberCount }) => memberCount).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    let isCurrent = true;
    client.rest.bot(bot.id).then(
      ({ channelIds }) => {
        const { bot: now, onChange: tell } = latest.current;
        if (isCurrent && channelIds.join() !== now.channelIds.join()) tell({ ...now, channelIds });
      },
      // The number stays what it was until the next change.
      () => {},
    );
    return () => {
      isCurrent = false;
    };
  }, [client, bot.id, counts]);
  const changing = useTask(async (id: ChannelId, isIn: boolean) => {
    if (isIn) await client.rest.removeBotFromChannel(bot.id, id);
    else await client.rest.addBotToChannel(bot.id, id);
    onChange({ ...bot, channelIds: isIn ? bot.channelIds.filter((other) => other !== id) : [...bot.channelIds, id] });
  });
  return (
    <DialogTrigger>
      <AriaButton className="button button-plain button-small">
        <Hash size={16} aria-hidden />
        <span>
          {t('studio.channels', { count: channels.filter(({ channel }) => bot.channelIds.includes(channel.id)).length })}
        </span>
      </AriaButton>
      <Popover className="popover" placement="bottom end">
        <Dialog className="small-dialog stack" aria-label={t('studio.addToChannel')}>
          <h3 className="section-title">{t('studio.addToChannel')}</h3>
          {bot.publishedVersion === null ? <Notice tone="warning">{t('studio.publishFirst')}</Notice> : null}
          {changing.problem ? <Notice tone="danger">{changing.problem}</Notice> : null}
          <ul className="versions">
            {channels.map(({ channel }) => {
              const isIn = bot.channelIds.includes(channel.id);
              return (
                <li key={channel.id}>
                  {channel.kind === 'private' ? <Lock size={16} aria-hidden /> : <Hash size={16} aria-hidden />}
                  <span className="grow truncate">{withoutReordering(channel.name)}</span>
                  <Button
                    size="small"
                    tone={isIn ? 'quiet' : 'plain'}
                    isPending={changing.isRunning}
                    aria-label={`${t(isIn ? 'studio.takeOut' : 'studio.add')}: #${channel.name}`}
                    onPress={() => void changing.run(channel.id, isIn)}
                  >
                    {t(isIn ? 'studio.takeOut' : 'studio.add')}
                  </Button>
                </li>
              );
            })}
          </ul>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
