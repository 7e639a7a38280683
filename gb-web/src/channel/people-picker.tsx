import type { User, UserId } from 'gb-protocol';
import { Check, Search, X } from 'lucide-react';
import { useId, useMemo, useState } from 'react';
import { useUsers } from '../app/client-context.tsx';
import { Avatar } from '../design/avatar.tsx';
import { useT } from '../i18n/index.ts';
import { fuzzyFilter } from '../lib/fuzzy.ts';
import { withoutReordering } from '../lib/safe-text.ts';

const shownMax = 40;

/** Choosing people: a field that narrows a list, chips of the chosen above it. Arrow keys and Enter work from the field. */
export function PeoplePicker({
  label,
  chosen,
  onChange,
  isHidden,
  max = 100,
  hasFocus = false,
}: {
  label: string;
  chosen: readonly UserId[];
  onChange: (ids: readonly UserId[]) => void;
  isHidden: (user: User) => boolean;
  max?: number;
  hasFocus?: boolean;
}) {
  const t = useT();
  const users = useUsers();
  const id = useId();
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const candidates = useMemo(
    () => [...users.values()].filter((user) => user.isActive && !isHidden(user)).sort((a, b) => a.name.localeCompare(b.name)),
    [users, isHidden],
  );
  const found = useMemo(() => fuzzyFilter(query, candidates, (user) => [user.name, user.handle], shownMax), [query, candidates]);
  const at = Math.min(active, found.length - 1);

  const toggle = (user: User): void => {
    if (chosen.includes(user.id)) onChange(chosen.filter((other) => other !== user.id));
    else if (chosen.length < max) {
      onChange([...chosen, user.id]);
      setQuery('');
      setActive(0);
    }
  };

  return (
    <div className="people-picker field">
      <label htmlFor={id}>{label}</label>
      <div className="picker-input">
        <Search size={16} aria-hidden />
        {chosen.map((userId) => {
          const name = withoutReordering(users.get(userId)?.name ?? '…');
          return (
            <button
              key={userId}
              type="button"
              className="picker-chip"
              aria-label={t('picker.remove', { name })}
              onClick={() => onChange(chosen.filter((other) => other !== userId))}
            >
              {name}
              <X size={12} aria-hidden />
            </button>
          );
        })}
        <input
          id={id}
          role="combobox"
          aria-expanded={found.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={found[at] ? `${id}-${found[at].id}` : undefined}
          autoComplete="off"
          value={query}
          placeholder={chosen.length === 0 ? t('picker.placeholder') : ''}
          // biome-ignore lint/a11y/noAutofocus: the page was opened to choose people
          autoFocus={hasFocus}
          onChange={(event) => {
            setQuery(event.target.value);
            setActive(0);
          }}
          onKeyDown={(event) => {
            if (event.key === 'ArrowDown') setActive(Math.min(at + 1, found.length - 1));
            else if (event.key === 'ArrowUp') setActive(Math.max(at - 1, 0));
            else if (event.key === 'Enter' && found[at] && (query !== '' || chosen.length === 0)) toggle(found[at]);
            else if (event.key === 'Backspace' && query === '' && chosen.length > 0) onChange(chosen.slice(0, -1));
            else return;
            event.preventDefault();
          }}
        />
      </div>
      <div id={`${id}-list`} role="listbox" aria-label={label} aria-multiselectable className="picker-list list-card">
        {found.map((user, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the field that controls this list
          <div
            key={user.id}
            id={`${id}-${user.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={chosen.includes(user.id)}
            className={`list-row picker-row${index === at ? ' is-active' : ''}`}
            onClick={() => toggle(user)}
          >
            <Avatar user={user} size={24} />
            <span className="list-row-text truncate">
              {withoutReordering(user.name)} <span className="soft">@{user.handle}</span>
            </span>
            {chosen.includes(user.id) ? <Check size={16} aria-hidden /> : null}
          </div>
        ))}
        {found.length === 0 ? (
          <div className="list-row soft">{t(candidates.length === 0 ? 'picker.nobody' : 'picker.noMatch')}</div>
        ) : null}
      </div>
    </div>
  );
}
