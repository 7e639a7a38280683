import type { ReactNode } from 'react';

/** A sentence that stays: what happened, what was kept, what to do. */
export function Notice({
  tone = 'info',
  children,
  action,
}: {
  tone?: 'info' | 'danger' | 'warning';
  children: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={`notice notice-${tone}`} role={tone === 'danger' ? 'alert' : 'status'}>
      <div className="notice-text">{children}</div>
      {action}
    </div>
  );
}
