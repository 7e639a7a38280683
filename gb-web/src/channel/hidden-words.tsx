import { hiddenText } from 'gb-protocol';
import { LockKeyhole } from 'lucide-react';
import { useT } from '../i18n/index.ts';

/** In place of a password that somebody gave to a bot. */
export function HiddenWords() {
  const t = useT();
  return (
    <p className="message-hidden">
      <LockKeyhole size={14} aria-hidden />
      <span aria-hidden>{hiddenText}</span>
      <span className="soft">{t('message.hidden')}</span>
    </p>
  );
}
