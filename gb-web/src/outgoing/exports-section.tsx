import { ApiError } from 'gb-client';
import type { ChannelId, Export } from 'gb-protocol';
import { FileArchive } from 'lucide-react';
import { useState } from 'react';
import { useChannels, useClient, useMe } from '../app/client-context.tsx';
import { explain, explainCode } from '../app/problem.ts';
import { showToast } from '../app/toasts.tsx';
import { useLoaded } from '../app/use-loaded.ts';
import { useTask } from '../app/use-task.ts';
import { Button } from '../design/button.tsx';
import { SelectChoice } from '../design/choice.tsx';
import { Empty } from '../design/empty.tsx';
import { Notice } from '../design/notice.tsx';
import { useDates } from '../i18n/dates.ts';
import { useLocale } from '../i18n/index.ts';
import { fileSize } from '../lib/file-size.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { useUndo } from '../studio/use-undo.ts';
import './outgoing.css';
import { useRefresh } from './use-refresh.ts';
import { useT } from './words/index.ts';

/** What was said, as a file to keep: asked for here, and fetched when it is made. */
export function ExportsSection() {
  const t = useT();
  const client = useClient();
  const me = useMe();
  const channels = useChannels();
  const loaded = useLoaded('exports', async () => (await client.rest.exports()).exports);
  useRefresh(loaded.reload);
  const { gone, later } = useUndo();
  const [channelId, setChannelId] = useState<ChannelId | ''>('');
  const [isBusy, setBusy] = useState(false);
  const asking = useTask(
    async (input: { channelId?: ChannelId }) => {
      setBusy(false);
      await client.rest.createExport(input);
      loaded.reload();
    },
    (error) => {
      if (!(error instanceof ApiError) || error.code !== 'rate_limited') return false;
      setBusy(true);
      return true;
    },
  );
  const problem = asking.problem ?? (isBusy ? t('exports.busy') : loaded.error ? explain(loaded.error, t) : null);
  const names = new Map(channels.map(({ channel }) => [channel.id, withoutReordering(channel.name)]));
  const options = channels
    .filter(({ channel }) => channel.kind === 'public' || channel.kind === 'private')
    .map(({ channel }) => ({ id: channel.id, label: `#${withoutReordering(channel.name)}` }))
    .sort((a, b) => a.label.localeCompare(b.label));
  const shown = (loaded.value ?? []).filter(({ id }) => !gone.has(id));
  return (
    <div className="stack outgoing">
      {problem ? <Notice tone="danger">{problem}</Notice> : null}
      <p className="soft">{t('exports.intro')}</p>
      <div className="hook-form">
        <SelectChoice
          label={t('exports.channel')}
          options={options}
          value={channelId as ChannelId}
          onChange={setChannelId}
          placeholder={t('exports.chooseChannel')}
        />
        <div className="hook-actions">
          <Button
            tone="primary"
            isPending={asking.isRunning}
            isDisabled={channelId === ''}
            onPress={() => channelId !== '' && void asking.run({ channelId })}
          >
            {t('exports.start')}
          </Button>
          {me.role === 'owner' ? (
            <Button isPending={asking.isRunning} onPress={() => void asking.run({})}>
              {t('exports.workspace')}
            </Button>
          ) : null}
        </div>
        {me.role === 'owner' ? <p className="soft">{t('exports.workspaceText')}</p> : null}
      </div>
      {loaded.value && shown.length === 0 ? (
        <Empty icon={<FileArchive size={24} />} title={t('exports.emptyTitle')} />
      ) : (
        <ul className="list-card">
          {shown.map((one) => (
            <ExportRow
              key={one.id}
              one={one}
              channelName={one.channelId === null ? null : (names.get(one.channelId) ?? null)}
              onDelete={() => later(one.id, t('exports.deleted'), () => client.rest.deleteExport(one.id), loaded.reload)}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

function ExportRow({ one, channelName, onDelete }: { one: Export; channelName: string | null; onDelete: () => void }) {
  const t = useT();
  const dates = useDates();
  const locale = useLocale();
  const client = useClient();
  const title = one.channelId === null ? t('exports.ofWorkspace') : channelName ? `#${channelName}` : t('exports.ofChannel');
  const linking = useTask(async () => {
    const { path, until } = await client.rest.exportLink(one.id);
    await navigator.clipboard.writeText(new URL(path, window.location.origin).href);
    showToast(t('exports.linked', { until: dates.full(until) }));
  });
  const percent = one.total === 0 ? 0 : Math.floor((100 * one.written) / one.total);
  const says: Readonly<Record<Export['status'], string>> = {
    waiting: t('exports.waiting'),
    running: t('exports.running', { percent }),
    done: t('exports.done', {
      size: fileSize(one.bytes ?? 0, locale),
      until: one.endsAt === null ? '' : dates.until(one.endsAt),
    }),
    failed: one.reason ? `${t('exports.failed')}. ${explainCode(one.reason, t)}` : t('exports.failed'),
  };
  return (
    <li className="list-row">
      <FileArchive size={20} aria-hidden />
      <span className="list-row-text">
        <span className="list-row-title">{title}</span>
        <span className="soft person-handle">
          {t('exports.asked', { ago: dates.ago(one.createdAt) })} · <span role="status">{says[one.status]}</span>
        </span>
        {linking.problem ? <span className="field-error">{linking.problem}</span> : null}
      </span>
      {one.status === 'done' ? (
        <span className="hook-actions">
          <a className="button button-primary button-small" href={`/api/exports/${one.id}/file`} download>
            {t('exports.download')}
          </a>
          <Button size="small" onPress={() => void linking.run()}>
            {t('exports.link')}
          </Button>
        </span>
      ) : null}
      <Button size="small" tone="danger" aria-label={`${t('exports.delete')}: ${title}`} onPress={onDelete}>
        {t('exports.delete')}
      </Button>
    </li>
  );
}
