import type { ChannelId, Message, Seq } from 'gb-protocol';
import { useMemo, useRef, useState } from 'react';
import { useClient, useMe } from '../app/client-context.tsx';
import { formatRoute, navigate, toChannel } from '../app/router.ts';
import { dismissToast, showToast } from '../app/toasts.tsx';
import { insertIntoComposer } from '../composer/composer-events.ts';
import { useT } from '../i18n/index.ts';
import { deleteLater, takeBack, undoMs } from '../lib/pending-deletes.ts';
import { deletionKey, type MessageActions } from './message-actions.ts';

/** The sentence that offers to take a deletion back, gone as soon as the row's own offer was taken. */
const undoToasts = new Map<string, number>();

export interface ListActions {
  readonly actions: MessageActions;
  readonly editing: Seq | null;
}

export function useListActions(channelId: ChannelId, threadSeq: Seq | null, canPost: boolean): ListActions {
  const client = useClient();
  const me = useMe();
  const t = useT();
  const [editing, setEditing] = useState<Seq | null>(null);
  const editedFrom = useRef<Element | null>(null);

  const actions = useMemo((): MessageActions => {
    const copy = (text: string, said: string): void => {
      navigator.clipboard.writeText(text).then(
        () => showToast(said, { forMs: 2_000 }),
        () => showToast(t('problem.clipboard'), { tone: 'danger' }),
      );
    };
    const stopEdit = (): void => {
      setEditing(null);
      // Back to the row or the composer that one came from, when the editor is gone.
      const from = editedFrom.current;
      requestAnimationFrame(() => {
        if (from instanceof HTMLElement && from.isConnected) from.focus({ preventScroll: true });
      });
    };
    const takeBackRemoval = (message: Message): void => {
      takeBack(deletionKey(message));
      const toast = undoToasts.get(deletionKey(message));
      if (toast !== undefined) dismissToast(toast);
      undoToasts.delete(deletionKey(message));
    };
    return {
      isThread: threadSeq !== null,
      canPost,
      react: (message, emoji, isOn) => void client.react(channelId, message.seq, emoji, isOn),
      openThread: (seq) => navigate(toChannel(channelId, { pane: { kind: 'thread', seq } })),
      quote: (message) => {
        const quoted = message.text
          .split('\n')
          .slice(0, 8)
          .map((line) => `> ${line}`)
          .join('\n');
        insertIntoComposer(channelId, threadSeq, `${quoted}\n\n`);
      },
      startEdit: (seq) => {
        editedFrom.current = document.activeElement;
        setEditing(seq);
      },
      stopEdit,
      saveEdit: (message, text) => {
        stopEdit();
        if ((text.trim() !== '' || message.attachments) && text !== message.text) void client.edit(channelId, message.seq, text);
      },
      remove: (message) => {
        const key = deletionKey(message);
        deleteLater(key, () => {
          dismissToast(undoToasts.get(key) ?? 0);
          undoToasts.delete(key);
          void client.delete(channelId, message.seq);
        });
        const action = { label: t('common.undo'), run: () => takeBackRemoval(message) };
        undoToasts.set(key, showToast(t('message.deleted'), { forMs: undoMs, action }));
      },
      takeBackRemoval,
      copyLink: (message) =>
        copy(
          new URL(formatRoute(toChannel(channelId, { seq: message.seq })), window.location.origin).href,
          t('message.linkCopied'),
        ),
      copyText: (message) => copy(message.text, t('message.textCopied')),
      markUnread: (message) => void client.markUnread(channelId, message.seq),
      showPerson: (userId) => navigate(toChannel(channelId, { pane: { kind: 'person', userId } })),
      answer: (text) => void client.send(channelId, text, { threadSeq }),
      // Answers to a form are what was asked for; changing their words would not change them. A password has none.
      canEdit: (message) =>
        canPost && message.authorId === me.id && message.deletedAt === null && !message.formAnswer && !message.isSecret,
      canDelete: (message) =>
        message.deletedAt === null && (message.authorId === me.id || me.role === 'owner' || me.role === 'admin'),
    };
  }, [client, channelId, threadSeq, canPost, me.id, me.role, t]);

  return { actions, editing };
}
