import { ArrowLeft, X } from 'lucide-react';
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useT } from '../i18n/index.ts';
import { IconButton } from './button.tsx';

/** Before `useFocusKeeper` looks for another place. */
const returnMs = 60;

export interface PaneProps {
  readonly title: ReactNode;
  /** Read by screen readers when the title is not plain text. */
  readonly label: string;
  readonly subtitle?: ReactNode;
  readonly actions?: ReactNode;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly className?: string;
  /** Whether opening it moves the focus into it: yes for a pane somebody asked for. */
  readonly takesFocus?: boolean;
}

/** A column with a header: the right side of a channel, or a page in the middle. Escape closes it. */
export function Pane({ title, label, subtitle, actions, onClose, children, className = '', takesFocus = true }: PaneProps) {
  const t = useT();
  const ref = useRef<HTMLElement>(null);
  const [opener] = useState(() => document.activeElement);

  // Closing it puts the focus back on what opened it. Asked while the pane is still in the page.
  useLayoutEffect(
    () => () => {
      if (!(opener instanceof HTMLElement) || !ref.current?.contains(document.activeElement)) return;
      // Later, and only if what comes next has not taken it.
      setTimeout(() => {
        if (opener.isConnected && document.activeElement === document.body) opener.focus({ preventScroll: true });
      }, returnMs);
    },
    [opener],
  );

  useEffect(() => {
    if (takesFocus && !ref.current?.contains(document.activeElement)) ref.current?.focus({ preventScroll: true });
  }, [takesFocus]);

  return (
    <section
      ref={ref}
      className={`pane ${className}`}
      aria-label={label}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.preventDefault();
        onClose();
      }}
    >
      <header className="pane-header">
        <span className="pane-back">
          <IconButton label={t('common.back')} onPress={onClose}>
            <ArrowLeft size={18} aria-hidden />
          </IconButton>
        </span>
        <div className="pane-title">
          <h2 className="truncate">{title}</h2>
          {subtitle ? <div className="soft truncate pane-subtitle">{subtitle}</div> : null}
        </div>
        {actions}
        <span className="pane-close">
          <IconButton label={t('common.close')} onPress={onClose} shortcut="Esc">
            <X size={18} aria-hidden />
          </IconButton>
        </span>
      </header>
      {children}
    </section>
  );
}
