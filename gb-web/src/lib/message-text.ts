import type { Attachment, Message } from 'gb-protocol';
import type { Translate } from '../i18n/index.ts';
import { plainText } from './markdown.ts';
import { withoutReordering } from './safe-text.ts';

type Said = Pick<Message, 'text'> & Partial<Pick<Message, 'attachments' | 'card' | 'form'>> & { readonly isSecret?: boolean };

/** A message as it is read out, listed or announced: its words, and what else is in it. */
export function spokenText(message: Said, t: Translate): string {
  const { attachments = [], card, form } = message;
  return [
    message.isSecret ? t('message.hidden') : plainText(message.text),
    card ? withoutReordering([card.title, card.subtitle, card.text && plainText(card.text)].filter(Boolean).join('. ')) : '',
    form ? t('form.spoken', { title: withoutReordering(form.title ?? form.name) }) : '',
    filesText(attachments, t),
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function filesText(files: readonly Attachment[], t: Translate): string {
  if (files.length === 0) return '';
  return t('file.spoken', { count: files.length, names: files.map((file) => withoutReordering(file.name)).join(', ') });
}
