import type { Message } from 'gb-protocol';
import {
  Copy,
  Ellipsis,
  Link,
  MailQuestionMark,
  MessageSquareReply,
  MessageSquareText,
  Pencil,
  SmilePlus,
  Trash2,
} from 'lucide-react';
import { lazy, Suspense, useRef } from 'react';
import { Dialog, Popover } from 'react-aria-components';
import { useMe } from '../app/client-context.tsx';
import { rememberEmoji } from '../app/preferences.ts';
import { IconButton } from '../design/button.tsx';
import { ActionMenu, type MenuAction } from '../design/menu.tsx';
import { useT } from '../i18n/index.ts';
import { useMessageActions } from './message-actions.ts';

const EmojiPicker = lazy(() => import('../composer/emoji-picker.tsx').then((m) => ({ default: m.EmojiPicker })));

/** What can be done with a message, at its upper right corner while it is pointed at or has the focus. */
export function MessageToolbar({
  message,
  isPicking,
  onPicking,
  onMenu,
}: {
  message: Message;
  isPicking: boolean;
  onPicking: (isOpen: boolean) => void;
  onMenu: (isOpen: boolean) => void;
}) {
  const t = useT();
  const me = useMe();
  const actions = useMessageActions();
  const pickerAnchor = useRef<HTMLSpanElement>(null);

  const more: MenuAction[] = [
    ...(actions.canPost
      ? [
          {
            id: 'quote',
            label: t('message.quote'),
            shortcut: 'r',
            icon: <MessageSquareReply size={16} aria-hidden />,
            onAction: () => actions.quote(message),
          },
        ]
      : []),
    {
      id: 'link',
      label: t('message.copyLink'),
      shortcut: 'c',
      icon: <Link size={16} aria-hidden />,
      onAction: () => actions.copyLink(message),
    },
    { id: 'text', label: t('message.copyText'), icon: <Copy size={16} aria-hidden />, onAction: () => actions.copyText(message) },
    ...(actions.isThread
      ? []
      : [
          {
            id: 'unread',
            label: t('message.markUnread'),
            shortcut: 'u',
            icon: <MailQuestionMark size={16} aria-hidden />,
            onAction: () => actions.markUnread(message),
          },
        ]),
    ...(actions.canDelete(message)
      ? [
          {
            id: 'delete',
            label: t('message.delete'),
            icon: <Trash2 size={16} aria-hidden />,
            isDangerous: true,
            startsGroup: true,
            onAction: () => actions.remove(message),
          },
        ]
      : []),
  ];

  return (
    <div className="message-toolbar" role="toolbar" aria-label={t('message.toolbar')}>
      {actions.canPost ? (
        <span ref={pickerAnchor}>
          <IconButton size="small" label={t('message.react')} shortcut="+" onPress={() => onPicking(true)}>
            <SmilePlus size={16} aria-hidden />
          </IconButton>
        </span>
      ) : null}
      {actions.isThread ? null : (
        <IconButton size="small" label={t('message.reply')} shortcut="t" onPress={() => actions.openThread(message.seq)}>
          <MessageSquareText size={16} aria-hidden />
        </IconButton>
      )}
      {actions.canEdit(message) ? (
        <IconButton size="small" label={t('message.edit')} shortcut="e" onPress={() => actions.startEdit(message.seq)}>
          <Pencil size={16} aria-hidden />
        </IconButton>
      ) : null}
      <ActionMenu
        label={t('message.more')}
        onOpenChange={onMenu}
        actions={more}
        trigger={
          <IconButton size="small" label={t('message.more')}>
            <Ellipsis size={16} aria-hidden />
          </IconButton>
        }
      />
      <Popover
        className="popover"
        triggerRef={pickerAnchor}
        isOpen={isPicking}
        onOpenChange={onPicking}
        placement="left top"
        offset={8}
      >
        <Dialog className="picker-dialog" aria-label={t('message.react')}>
          <Suspense fallback={<div className="emoji-picker" />}>
            <EmojiPicker
              onPick={(emoji) => {
                onPicking(false);
                rememberEmoji(emoji);
                const isOn = message.reactions.some((reaction) => reaction.emoji === emoji && reaction.userIds.includes(me.id));
                actions.react(message, emoji, !isOn);
              }}
            />
          </Suspense>
        </Dialog>
      </Popover>
    </div>
  );
}
