import type { ReactNode } from 'react';
import { useT } from './words/index.ts';

export type Side = 'code' | 'preview';

/** The scripts left and what runs of them right. Where only one of them has room, one chooses which. */
export function TwoSides({
  label,
  running,
  shows,
  onShows,
  code,
  children,
}: {
  label: string;
  /** What the right side is called. */
  running: string;
  shows: Side;
  onShows: (side: Side) => void;
  code: ReactNode;
  children: ReactNode;
}) {
  const t = useT();
  return (
    <>
      <div className="workbench-switch" role="tablist" aria-label={label}>
        {(['code', 'preview'] as const).map((id) => (
          <button key={id} type="button" role="tab" aria-selected={shows === id} onClick={() => onShows(id)}>
            {id === 'code' ? t('studio.tabCode') : running}
          </button>
        ))}
      </div>
      <div className={`workbench-columns shows-${shows}`}>
        <div className="workbench-code">{code}</div>
        {children}
      </div>
    </>
  );
}
