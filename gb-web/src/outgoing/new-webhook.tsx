import { ApiError } from 'gb-client';
import { type ChannelId, limits, type WebhookKind, type WebhookMade, webhookKinds } from 'gb-protocol';
import { type FormEvent, useState } from 'react';
import { useChannels, useClient } from '../app/client-context.tsx';
import { useTask } from '../app/use-task.ts';
import { Button } from '../design/button.tsx';
import { RadioChoice } from '../design/choice.tsx';
import { Field } from '../design/field.tsx';
import { Notice } from '../design/notice.tsx';
import { withoutReordering } from '../lib/safe-text.ts';
import { CheckList } from './check-list.tsx';
import { useT } from './words/index.ts';

type Where = 'everywhere' | 'chosen';

/** The form for one more webhook. */
export function NewWebhook({ onMade, onCancel }: { onMade: (made: WebhookMade) => void; onCancel: () => void }) {
  const t = useT();
  const client = useClient();
  const channels = useChannels();
  const [name, setName] = useState('');
  const [address, setAddress] = useState('');
  const [kinds, setKinds] = useState<ReadonlySet<WebhookKind>>(new Set(['message.posted']));
  const [where, setWhere] = useState<Where>('everywhere');
  const [chosen, setChosen] = useState<ReadonlySet<ChannelId>>(new Set());
  const [isTried, setTried] = useState(false);
  const [isRefused, setRefused] = useState(false);
  const making = useTask(
    async () => {
      const channelIds = where === 'chosen' ? { channelIds: [...chosen] } : {};
      onMade(await client.rest.createWebhook({ name: name.trim(), address: address.trim(), kinds: [...kinds], ...channelIds }));
    },
    (error) => {
      if (!(error instanceof ApiError) || error.code !== 'malformed') return false;
      setRefused(true);
      return true;
    },
  );
  const needsChannels = where === 'chosen' && chosen.size === 0;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    setRefused(false);
    if (name.trim() !== '' && address.trim() !== '' && kinds.size > 0 && !needsChannels) void making.run();
  };
  const named = channels
    .filter(({ channel }) => channel.kind === 'public' || channel.kind === 'private')
    .map(({ channel }) => ({ id: channel.id, label: `#${withoutReordering(channel.name)}` }))
    .sort((a, b) => a.label.localeCompare(b.label));

  return (
    <form className="hook-form" onSubmit={submit} aria-label={t('hooks.add')}>
      {making.problem ? <Notice tone="danger">{making.problem}</Notice> : null}
      <Field
        label={t('hooks.name')}
        value={name}
        onChange={setName}
        placeholder={t('hooks.nameExample')}
        maxLength={80}
        hasFocus
      />
      <Field
        label={t('hooks.address')}
        value={address}
        onChange={setAddress}
        placeholder="https://example.com/hooks"
        hint={t('hooks.addressHint')}
        maxLength={limits.webhookAddressMax}
        error={isRefused ? t('hooks.addressWrong') : null}
      />
      <CheckList
        label={t('hooks.events')}
        options={webhookKinds.map((kind) => ({ id: kind, label: t(`kind.${kind}`) }))}
        chosen={kinds}
        onChange={setKinds}
        error={isTried && kinds.size === 0 ? t('hooks.eventsMissing') : null}
      />
      <RadioChoice
        label={t('hooks.channels')}
        value={where}
        onChange={setWhere}
        options={[
          { id: 'everywhere', label: t('hooks.everywhere'), description: t('hooks.everywhereText') },
          { id: 'chosen', label: t('hooks.chosen'), description: t('hooks.chosenText') },
        ]}
      />
      {where === 'chosen' ? (
        <CheckList
          label={t('hooks.chosen')}
          options={named}
          chosen={chosen}
          onChange={setChosen}
          error={isTried && needsChannels ? t('hooks.channelsMissing') : null}
        />
      ) : null}
      <div className="hook-actions">
        <Button
          type="submit"
          tone="primary"
          isPending={making.isRunning}
          isDisabled={name.trim() === '' || address.trim() === ''}
        >
          {t('hooks.add')}
        </Button>
        <Button onPress={onCancel}>{t('common.cancel')}</Button>
      </div>
    </form>
  );
}
