import { limits } from 'gb-protocol';
import { Eye, EyeOff, LockKeyhole, SendHorizontal } from 'lucide-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useClient, useMe, useMessages } from '../app/client-context.tsx';
import { explain } from '../app/problem.ts';
import { showToast } from '../app/toasts.tsx';
import { IconButton } from '../design/button.tsx';
import { useT } from '../i18n/index.ts';
import { isSecretAsked } from '../lib/asked-secret.ts';
import { Composer, type ComposerProps } from './composer.tsx';

/** Where one writes: hidden while a bot waits for a password, else as ever. */
export function PlaceComposer(props: ComposerProps) {
  const messages = useMessages(props.channelId, props.threadSeq);
  const me = useMe();
  return isSecretAsked(messages, me.id) ? <SecretComposer {...props} /> : <Composer {...props} />;
}

/** What is typed here is no draft: it is kept nowhere, and nobody is told that one types. */
function SecretComposer({ channelId, threadSeq }: ComposerProps) {
  const client = useClient();
  const t = useT();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [isShown, setShown] = useState(false);
  const canSend = text.trim() !== '';

  // As in the composer: on a phone the focus opens the keyboard over the question.
  useEffect(() => {
    if (window.matchMedia('(pointer: fine)').matches) input.current?.focus({ preventScroll: true });
  }, []);

  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (!canSend) return;
    try {
      client.send(channelId, text, { threadSeq, isSecret: true });
      setText('');
    } catch (error) {
      showToast(explain(error, t), { tone: 'danger' });
    }
  };

  return (
    <form className="composer" onSubmit={send}>
      <div className="text-input">
        <input
          ref={input}
          type={isShown ? 'text' : 'password'}
          value={text}
          onChange={(event) => setText(event.target.value)}
          aria-label={t('composer.secret')}
          placeholder={t('composer.secret')}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          maxLength={limits.messageTextMax}
        />
      </div>
      <div className="composer-bar">
        <IconButton
          size="small"
          label={t(isShown ? 'composer.hideSecret' : 'composer.showSecret')}
          onPress={() => setShown(!isShown)}
        >
          {isShown ? <EyeOff size={18} aria-hidden /> : <Eye size={18} aria-hidden />}
        </IconButton>
        <span className="composer-secret soft">
          <LockKeyhole size={14} aria-hidden />
          <span className="truncate">{t('composer.secretHint')}</span>
        </span>
        <IconButton size="small" type="submit" label={t('composer.send')} isDisabled={!canSend} isActive={canSend}>
          <SendHorizontal size={18} aria-hidden />
        </IconButton>
      </div>
    </form>
  );
}
