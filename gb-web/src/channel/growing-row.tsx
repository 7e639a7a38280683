import { useUser } from '../app/client-context.tsx';
import { Avatar } from '../design/avatar.tsx';
import { useT } from '../i18n/index.ts';
import type { GrowingLike } from '../lib/message-items.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { MarkdownView } from './markdown-view.tsx';

/** What a bot is about to say, as it grows. Its message takes the place, and that is what is read out. */
export function GrowingRow({ growing, isFirst }: { growing: GrowingLike; isFirst: boolean }) {
  const t = useT();
  const author = useUser(growing.userId);
  const name = withoutReordering(author.name);
  return (
    <article className={`message is-growing${isFirst ? ' is-first' : ''}`} aria-label={t('message.growing', { name })} aria-busy>
      <div className="message-side">{isFirst ? <Avatar user={author} /> : null}</div>
      <div className="message-body">
        {isFirst ? (
          <header className="message-head">
            <span className="message-author truncate">{name}</span>
            {author.kind === 'bot' ? <span className="tag">{t('message.bot')}</span> : null}
          </header>
        ) : null}
        <div className="md growing-text">
          <MarkdownView text={growing.text} />
        </div>
      </div>
    </article>
  );
}
