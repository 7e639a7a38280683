import { ApiError } from 'gb-client';
import { type ChannelId, limits, type NewWebhook, type Webhook, type WebhookKind, webhookKinds } from 'gb-protocol';
import { type FormEvent, useState } from 'react';
import { useChannels } from '../app/client-context.tsx';
import { useTask } from '../app/use-task.ts';
import { Button } from '../design/button.tsx';
import { RadioChoice } from '../design/choice.tsx';
import { Field } from '../design/field.tsx';
import { Notice } from '../design/notice.tsx';
import { withoutReordering } from '../lib/safe-text.ts';
import { CheckList } from './check-list.tsx';
import { useT } from './words/index.ts';

type Where = 'everywhere' | 'chosen';

/** What a webhook is: one more, or one that there is, to be changed. */
export function WebhookForm({
  webhook = null,
  onSave,
  onCancel,
}: {
  webhook?: Webhook | null;
  onSave: (given: NewWebhook) => Promise<void>;
  onCancel: () => void;
}) {
  const t = useT();
  const channels = useChannels();
  const [name, setName] = useState(webhook?.name ?? '');
  const [address, setAddress] = useState(webhook?.address ?? '');
  const [kinds, setKinds] = useState<ReadonlySet<WebhookKind>>(new Set(webhook?.kinds ?? ['message.posted']));
  const [where, setWhere] = useState<Where>(webhook?.channels ? 'chosen' : 'everywhere');
  const [chosen, setChosen] = useState<ReadonlySet<ChannelId>>(new Set(webhook?.channels?.map(({ id }) => id)));
  const [isTried, setTried] = useState(false);
  const [isRefused, setRefused] = useState(false);
  const saving = useTask(
    async () => {
      const channelIds = where === 'chosen' ? { channelIds: [...chosen] } : {};
      await onSave({ name: name.trim(), address: address.trim(), kinds: [...kinds], ...channelIds });
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
    if (name.trim() !== '' && address.trim() !== '' && kinds.size > 0 && !needsChannels) void saving.run();
  };
  const known = new Set(channels.map(({ channel }) => channel.id));
  // Private channels that somebody else chose: known to be there, and no more.
  const hidden = (webhook?.channels ?? []).filter(({ id }) => !known.has(id));
  const named = channels
    .filter(({ channel }) => channel.kind === 'public' || channel.kind === 'private')
    .map(({ channel }) => ({ id: channel.id, label: `#${withoutReordering(channel.name)}` }))
    .sort((a, b) => a.label.localeCompare(b.label));
  const options = [
    ...named,
    ...hidden.map(({ id, name }) => ({ id, label: name === '' ? t('hooks.hiddenChannel') : `#${withoutReordering(name)}` })),
  ];
  const label = t(webhook ? 'hooks.change' : 'hooks.add');

  return (
    <form className="hook-form" onSubmit={submit} aria-label={label}>
      {saving.problem ? <Notice tone="danger">{saving.problem}</Notice> : null}
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
        onChange={(text) => {
          setAddress(text);
          setRefused(false);
        }}
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
          options={options}
          chosen={chosen}
          onChange={setChosen}
          error={isTried && needsChannels ? t('hooks.channelsMissing') : null}
        />
      ) : null}
      <div className="hook-actions">
        <Button
          type="submit"
          tone="primary"
          isPending={saving.isRunning}
          isDisabled={name.trim() === '' || address.trim() === ''}
        >
          {webhook ? t('common.save') : label}
        </Button>
        <Button onPress={onCancel}>{t('common.cancel')}</Button>
      </div>
    </form>
  );
}
