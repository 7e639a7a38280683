import { CornerDownLeft, Search } from 'lucide-react';
import { type KeyboardEvent, useId, useMemo, useState } from 'react';
import { Dialog, Modal, ModalOverlay } from 'react-aria-components';
import { useChannels, useClient, useUsers } from '../app/client-context.tsx';
import { explain } from '../app/problem.ts';
import { showToast } from '../app/toasts.tsx';
import { useT } from '../i18n/index.ts';
import { useOverlay } from './command-context.ts';
import { allEntries, type Entry, findEntries } from './entries.tsx';

/** Ctrl/Cmd+K: a few letters lead anywhere. */
export function Switcher({ onClose }: { onClose: () => void }) {
  const t = useT();
  return (
    <ModalOverlay className="overlay" isOpen isDismissable onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Modal className="overlay-card switcher-card">
        <Dialog className="switcher" aria-label={t('switcher.title')}>
          <SwitcherBody onClose={onClose} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function SwitcherBody({ onClose }: { onClose: () => void }) {
  const t = useT();
  const client = useClient();
  const views = useChannels();
  const users = useUsers();
  const open = useOverlay();
  const id = useId();
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the entries are made of channels and people
  const entries = useMemo(() => allEntries({ client, t, open }), [client, t, open, views, users]);
  const found = useMemo(() => findEntries(query, entries), [query, entries]);
  const at = Math.min(active, found.length - 1);

  const go = (entry: Entry | undefined): void => {
    if (!entry) return;
    onClose();
    // After the dialog gave the focus back, so that the place one goes to can take it.
    setTimeout(() => {
      Promise.resolve(entry.run()).catch((error: unknown) => showToast(explain(error, t), { tone: 'danger' }));
    });
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown') setActive((at + 1) % Math.max(1, found.length));
    else if (event.key === 'ArrowUp') setActive((at + found.length - 1) % Math.max(1, found.length));
    else if (event.key === 'Enter') go(found[at]);
    else return;
    event.preventDefault();
  };

  return (
    <>
      <div className="switcher-field">
        <Search size={20} aria-hidden />
        <input
          role="combobox"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={found[at] ? `${id}-${at}` : undefined}
          aria-label={t('switcher.title')}
          autoComplete="off"
          spellCheck={false}
          // biome-ignore lint/a11y/noAutofocus: it was opened to type into
          autoFocus
          value={query}
          placeholder={t('switcher.placeholder')}
          onChange={(event) => {
            setQuery(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div id={`${id}-list`} role="listbox" aria-label={t('switcher.title')} className="switcher-list">
        {found.map((entry, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the field that controls this list
          <div
            key={entry.id}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            className="switcher-row"
            ref={index === at ? keepInSight : undefined}
            onPointerMove={() => setActive(index)}
            onClick={() => go(entry)}
          >
            <span className="switcher-icon">{entry.icon}</span>
            <span className="truncate switcher-label">{entry.label}</span>
            <span className="soft truncate switcher-detail">{entry.detail}</span>
            {entry.unread > 0 ? <span className="count">{entry.unread > 99 ? '99+' : entry.unread}</span> : null}
            {index === at ? (
              <CornerDownLeft size={14} aria-hidden className="soft" />
            ) : (
              <span className="soft switcher-group">{t(`switcher.${entry.group}`)}</span>
            )}
          </div>
        ))}
      </div>
      {found.length === 0 ? (
        <p className="switcher-none soft" role="status">
          {t('switcher.none', { query })}
        </p>
      ) : null}
    </>
  );
}

function keepInSight(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' });
}
