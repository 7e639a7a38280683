import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { preferences } from '../app/preferences.ts';
import { useT } from '../i18n/index.ts';
import { allEmoji, type Emoji, emojiGroups } from '../lib/emoji.ts';
import { fuzzyFilter } from '../lib/fuzzy.ts';

const columns = 8;

/** A field and a grid; arrow keys move through the grid, Enter takes. */
export function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const t = useT();
  const [query, setQuery] = useState('');
  const grid = useRef<HTMLDivElement>(null);
  const groups = useMemo((): { title: string; emojis: readonly Emoji[] }[] => {
    if (query.trim() !== '')
      return [{ title: t('emoji.found'), emojis: fuzzyFilter(query, allEmoji, (emoji) => emoji.words, 64) }];
    const recent = preferences().recentEmoji.flatMap((emoji) => allEmoji.find((known) => known.emoji === emoji) ?? []);
    return [
      ...(recent.length > 0 ? [{ title: t('emoji.recent'), emojis: recent.slice(0, 16) }] : []),
      ...emojiGroups.map(({ id, emojis }) => ({ title: t(`emoji.${id}`), emojis })),
    ];
  }, [query, t]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const buttons = [...(grid.current?.querySelectorAll('button') ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    if (by === undefined) return;
    if (at < 0 && event.key !== 'ArrowDown') return;
    event.preventDefault();
    if (at >= 0 && at + by < 0) grid.current?.parentElement?.querySelector('input')?.focus();
    else buttons[at < 0 ? 0 : Math.min(at + by, buttons.length - 1)]?.focus();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys move between the buttons inside
    <div className="emoji-picker" onKeyDown={onKeyDown}>
      <input
        className="emoji-search"
        type="search"
        // biome-ignore lint/a11y/noAutofocus: the picker was opened to look for one
        autoFocus
        value={query}
        placeholder={t('emoji.search')}
        aria-label={t('emoji.search')}
        onChange={(event) => setQuery(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          const first = groups[0]?.emojis[0];
          if (query !== '' && first) onPick(first.emoji);
        }}
      />
      <div className="emoji-groups" ref={grid}>
        {groups.map(({ title, emojis }) => (
          <section key={title} aria-label={title}>
            <h3>{title}</h3>
            <div className="emoji-grid">
              {emojis.map(({ emoji, name }) => (
                <button
                  key={emoji}
                  type="button"
                  tabIndex={-1}
                  title={`:${name}:`}
                  aria-label={name.replaceAll('_', ' ')}
                  onClick={() => onPick(emoji)}
                >
                  {emoji}
                </button>
              ))}
            </div>
          </section>
        ))}
        {groups[0]?.emojis.length === 0 ? <p className="soft emoji-none">{t('picker.noMatch')}</p> : null}
      </div>
    </div>
  );
}
