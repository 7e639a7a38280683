import { limits, type Message } from 'gb-protocol';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../design/button.tsx';
import { useT } from '../i18n/index.ts';
import { TextInput } from './text-input.tsx';

/** Editing a message where it stands. Escape puts the old text back. */
export function MessageEditor({
  message,
  onSave,
  onCancel,
}: {
  message: Message;
  onSave: (text: string) => void;
  onCancel: () => void;
}) {
  const t = useT();
  const [text, setText] = useState(message.text);
  const input = useRef<HTMLTextAreaElement>(null);
  const isTooLong = text.length > limits.messageTextMax;

  useEffect(() => {
    const element = input.current;
    element?.focus();
    element?.setSelectionRange(element.value.length, element.value.length);
  }, []);

  const save = (): void => {
    if (!isTooLong) onSave(text.trim());
  };

  return (
    <div className="composer editor-box">
      <TextInput
        channelId={message.channelId}
        value={text}
        onChange={setText}
        onSubmit={save}
        onEscape={() => {
          onCancel();
          return true;
        }}
        label={t('message.edit')}
        inputRef={input}
      />
      <div className="composer-bar">
        <span className={`composer-hint soft truncate${isTooLong ? ' is-over' : ''}`}>
          {isTooLong ? t('composer.tooLong', { count: text.length - limits.messageTextMax }) : t('composer.editHint')}
        </span>
        <Button size="small" tone="quiet" onPress={onCancel}>
          {t('common.cancel')}
        </Button>
        <Button size="small" tone="primary" isDisabled={isTooLong || (text.trim() === '' && !message.attachments)} onPress={save}>
          {t('common.save')}
        </Button>
      </div>
    </div>
  );
}
