import type { ReactNode } from 'react';

/** An empty place that teaches: what belongs here, one button, one example. */
export function Empty({
  icon,
  title,
  children,
  action,
  level = 2,
}: {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  level?: 1 | 2;
}) {
  return (
    <div className="empty">
      {icon ? (
        <div className="empty-icon" aria-hidden>
          {icon}
        </div>
      ) : null}
      {level === 1 ? <h1>{title}</h1> : <h2>{title}</h2>}
      {children ? <div className="empty-text soft">{children}</div> : null}
      {action ? <div className="empty-action">{action}</div> : null}
    </div>
  );
}
