import { type ChannelId, limits, type Seq } from 'gb-protocol';
import { AtSign, Paperclip, SendHorizontal, Smile } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { useClient, useDraft, useMe, useStatus } from '../app/client-context.tsx';
import { rememberEmoji, usePreferences } from '../app/preferences.ts';
import { explain } from '../app/problem.ts';
import { showToast } from '../app/toasts.tsx';
import type { MessageActions } from '../channel/message-actions.ts';
import { IconButton } from '../design/button.tsx';
import { useDates } from '../i18n/dates.ts';
import { useLocale, useT } from '../i18n/index.ts';
import { fileSize } from '../lib/file-size.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { commandIn } from './commands.ts';
import { onComposerEvent } from './composer-events.ts';
import { TextInput } from './text-input.tsx';
import { UploadTrayView } from './upload-tray.tsx';
import { useUploads } from './uploads.ts';
import { useFileDrop } from './use-file-drop.ts';

const EmojiPicker = lazy(() => import('./emoji-picker.tsx').then((m) => ({ default: m.EmojiPicker })));

/** The counter appears when this much is left. */
const nearLimit = 1_000;

export interface ComposerProps {
  readonly channelId: ChannelId;
  readonly threadSeq: Seq | null;
  readonly placeholder: string;
  readonly actions: MessageActions;
}

/**
 * Where one writes. Every change is a draft of this channel or thread, kept by the client and brought back here after a
 * reload, a switch, or on another device.
 */
export function Composer({ channelId, threadSeq, placeholder, actions }: ComposerProps) {
  const client = useClient();
  const me = useMe();
  const t = useT();
  const dates = useDates();
  const draft = useDraft(channelId, threadSeq);
  const { enterSends } = usePreferences();
  const isOffline = useStatus().phase === 'offline';
  const locale = useLocale();
  const input = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const { tray, items } = useUploads(channelId, threadSeq);
  const [text, setText] = useState(draft);
  const [isPicking, setPicking] = useState(false);
  const [seenDraft, setSeenDraft] = useState(draft);

  // The draft changed elsewhere: another tab, another device, or it arrived with the snapshot. What is typed here is a
  // draft as well, and the client does not let an older one of elsewhere replace it.
  if (draft !== seenDraft) {
    setSeenDraft(draft);
    if (draft !== text && (text === seenDraft || document.activeElement !== input.current)) setText(draft);
  }

  const write = useCallback(
    (next: string) => {
      setText(next);
      client.setDraft(channelId, next.slice(0, limits.draftTextMax), threadSeq);
      if (next.trim() !== '') client.sendTyping(channelId, threadSeq);
    },
    [client, channelId, threadSeq],
  );

  const insert = useCallback(
    (piece: string) => {
      const element = input.current;
      const at = element?.selectionStart ?? text.length;
      write(text.slice(0, at) + piece + text.slice(element?.selectionEnd ?? at));
      requestAnimationFrame(() => {
        element?.focus();
        element?.setSelectionRange(at + piece.length, at + piece.length);
      });
    },
    [text, write],
  );

  useEffect(
    () =>
      onComposerEvent((event) => {
        if (event.channelId === channelId && event.threadSeq === threadSeq) insert(event.insert);
      }),
    [channelId, threadSeq, insert],
  );

  // On a phone the focus opens the keyboard over what one came to read.
  useEffect(() => {
    if (window.matchMedia('(pointer: fine)').matches) input.current?.focus({ preventScroll: true });
  }, []);

  // Typing anywhere in the channel is typing here.
  useEffect(() => {
    if (threadSeq !== null) return;
    const onKeyDown = (event: KeyboardEvent): void => {
      const isLetter =
        event.key.length === 1 && /[\p{L}\p{N}]/u.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey;
      if (isLetter && document.activeElement === document.body) input.current?.focus();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [threadSeq]);

  const left = limits.messageTextMax - text.length;
  const isUploading = items.some(({ state }) => state === 'waiting' || state === 'sending');
  const hasFiles = items.some(({ state }) => state === 'done');
  const canSend = (text.trim() !== '' || hasFiles) && left >= 0 && !isUploading;

  const addFiles = useCallback(
    (files: readonly File[]): void => {
      const { tooLarge, tooMany } = tray.add(files);
      if (tooMany) showToast(t('file.tooMany', { count: limits.attachmentsPerMessageMax }), { tone: 'danger' });
      else if (tooLarge.length > 0) {
        const name = withoutReordering(tooLarge[0]!);
        showToast(t('file.tooLarge', { name, max: fileSize(limits.fileBytesMax, locale) }), { tone: 'danger' });
      }
      input.current?.focus();
    },
    [tray, t, locale],
  );
  const isDropping = useFileDrop(box, addFiles);

  const send = async (): Promise<void> => {
    if (!canSend) return;
    const found = hasFiles ? null : commandIn(text);
    const before = text;
    const attachments = found ? [] : tray.take();
    try {
      if (!found) {
        client.send(channelId, text.trim(), { threadSeq, attachments });
        write('');
        return;
      }
      write('');
      const outcome = await found.command.run({ client, channelId, argument: found.argument });
      if (outcome.send) client.send(channelId, outcome.send, { threadSeq });
      if (outcome.problem) {
        showToast(t(outcome.problem), { tone: 'danger' });
        write(before);
      }
    } catch (error) {
      // What was written is put back: nothing typed is lost to a refusal.
      write(before);
      tray.putBack(attachments);
      showToast(explain(error, t), { tone: 'danger' });
    }
  };

  const editLast = (): boolean => {
    const last = client
      .messages(channelId, threadSeq)
      .messages.findLast((message) => message.authorId === me.id && actions.canEdit(message));
    if (!last) return false;
    actions.startEdit(last.seq);
    return true;
  };

  return (
    <div
      ref={box}
      className={`composer${isDropping ? ' is-dropping' : ''}`}
      onPaste={(event) => {
        const files = [...event.clipboardData.files];
        // A table or a page also brings a picture of itself; then the words are meant.
        if (files.length === 0 || event.clipboardData.types.includes('text/plain')) return;
        event.preventDefault();
        addFiles(files);
      }}
    >
      {isDropping ? <div className="composer-drop">{t('file.drop')}</div> : null}
      <UploadTrayView tray={tray} items={items} />
      <TextInput
        channelId={channelId}
        value={text}
        onChange={write}
        onSubmit={() => void send()}
        onEscape={() => false}
        onArrowUpEmpty={editLast}
        label={placeholder}
        placeholder={placeholder}
        inputRef={input}
      />
      <div className="composer-bar">
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            const files = [...(event.target.files ?? [])];
            // The same file may be picked again.
            event.target.value = '';
            if (files.length > 0) addFiles(files);
          }}
        />
        <IconButton size="small" label={t('file.attach')} onPress={() => picker.current?.click()}>
          <Paperclip size={18} aria-hidden />
        </IconButton>
        <DialogTrigger isOpen={isPicking} onOpenChange={setPicking}>
          <IconButton size="small" label={t('composer.emoji')}>
            <Smile size={18} aria-hidden />
          </IconButton>
          <Popover className="popover" placement="top start">
            <Dialog className="picker-dialog" aria-label={t('composer.emoji')}>
              <Suspense fallback={<div className="emoji-picker" />}>
                <EmojiPicker
                  onPick={(emoji) => {
                    setPicking(false);
                    rememberEmoji(emoji);
                    insert(emoji);
                  }}
                />
              </Suspense>
            </Dialog>
          </Popover>
        </DialogTrigger>
        <IconButton
          size="small"
          label={t('composer.mention')}
          onPress={() => insert(text === '' || /\s$/.test(text) ? '@' : ' @')}
        >
          <AtSign size={18} aria-hidden />
        </IconButton>
        <span className={`composer-hint soft truncate${left < 0 ? ' is-over' : ''}`} role={left < 0 ? 'alert' : undefined}>
          {left < 0
            ? t('composer.tooLong', { count: -left })
            : left < nearLimit
              ? t('composer.left', { left: dates.number(left) })
              : isUploading
                ? t('file.uploading')
                : isOffline
                  ? t('composer.offline')
                  : text.trim() !== ''
                    ? t(enterSends ? 'composer.hintEnter' : 'composer.hintModifier')
                    : ''}
        </span>
        <IconButton size="small" label={t('composer.send')} isDisabled={!canSend} onPress={() => void send()} isActive={canSend}>
          <SendHorizontal size={18} aria-hidden />
        </IconButton>
      </div>
    </div>
  );
}
