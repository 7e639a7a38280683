import type { Message } from 'gb-protocol';
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { useClient } from '../app/client-context.tsx';
import { explain } from '../app/problem.ts';
import { useLoaded } from '../app/use-loaded.ts';
import { useDates } from '../i18n/dates.ts';
import { useT } from '../i18n/index.ts';
import { withoutReordering } from '../lib/safe-text.ts';

/** "(edited)", and on a click what it said before. */
export function EditedMark({ message }: { message: Message }) {
  const t = useT();
  return (
    <DialogTrigger>
      <Button className="edited-mark">{t('message.edited')}</Button>
      <Popover className="popover history-popover" placement="top start">
        <Dialog className="history" aria-label={t('message.history')}>
          <History message={message} />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function History({ message }: { message: Message }) {
  const t = useT();
  const dates = useDates();
  const client = useClient();
  const history = useLoaded(`${message.channelId}:${message.seq}:${message.editedAt}`, () =>
    client.rest.messageHistory(message.channelId, message.seq),
  );
  if (history.error) return <p className="field-error">{explain(history.error, t)}</p>;
  return (
    <>
      <h3>{t('message.history')}</h3>
      <ol className="history-list">
        {(history.value?.versions ?? []).toReversed().map((version) => (
          <li key={version.at}>
            <time className="soft" dateTime={new Date(version.at).toISOString()}>
              {dates.full(version.at)}
            </time>
            <p>{withoutReordering(version.text)}</p>
          </li>
        ))}
      </ol>
    </>
  );
}
