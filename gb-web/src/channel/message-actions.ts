import type { Message, Seq, UserId } from 'gb-protocol';
import { createContext, use } from 'react';

/** What can be done with a message, for its toolbar, its keys and its parts. One stable object per list. */
export interface MessageActions {
  react(message: Message, emoji: string, isOn: boolean): void;
  openThread(seq: Seq): void;
  quote(message: Message): void;
  startEdit(seq: Seq): void;
  stopEdit(): void;
  saveEdit(message: Message, text: string): void;
  remove(message: Message): void;
  takeBackRemoval(message: Message): void;
  copyLink(message: Message): void;
  copyText(message: Message): void;
  markUnread(message: Message): void;
  showPerson(userId: UserId): void;
  answer(text: string): void;
  canEdit(message: Message): boolean;
  canDelete(message: Message): boolean;
  readonly isThread: boolean;
  readonly canPost: boolean;
}

export const MessageActionsContext = createContext<MessageActions | null>(null);

export function useMessageActions(): MessageActions {
  const actions = use(MessageActionsContext);
  if (!actions) throw new Error('A message was drawn outside a list');
  return actions;
}

const nothing = (): void => {};

/** For parts of a message that stand outside a list: they can be answered, and nothing else can be done with them. */
export function answeringOnly(answer: (text: string) => void, canPost: boolean): MessageActions {
  return {
    react: nothing,
    openThread: nothing,
    quote: nothing,
    startEdit: nothing,
    stopEdit: nothing,
    saveEdit: nothing,
    remove: nothing,
    takeBackRemoval: nothing,
    copyLink: nothing,
    copyText: nothing,
    markUnread: nothing,
    showPerson: nothing,
    answer,
    canEdit: () => false,
    canDelete: () => false,
    isThread: false,
    canPost,
  };
}

export function deletionKey(message: Message): string {
  return `${message.channelId}:${message.seq}`;
}
