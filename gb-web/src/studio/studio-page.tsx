import { type ReactNode, useEffect } from 'react';
import { explain } from '../app/problem.ts';
import type { Loaded } from '../app/use-loaded.ts';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { Notice } from '../design/notice.tsx';
import { useT } from './words/index.ts';

const refreshMs = 5_000;

/** Asks again while somebody looks. What was read stays in sight while the server is away for a moment. */
export function useRefresh(reload: () => void): void {
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') reload();
    }, refreshMs);
    return () => clearInterval(timer);
  }, [reload]);
}

/** One part of what is known of a bot: why it could not be read, that there is nothing yet, or what there is. */
export function StudioPage<T>({
  loaded,
  isEmpty,
  empty,
  problem,
  children,
  isWide = false,
}: {
  loaded: Loaded<T>;
  isEmpty: (value: T) => boolean;
  empty: { readonly icon: ReactNode; readonly title: string; readonly text: ReactNode; readonly action?: ReactNode };
  problem?: string | null;
  children: (value: T) => ReactNode;
  isWide?: boolean;
}) {
  const t = useT();
  const { value, error, reload } = loaded;
  if (value === null)
    return (
      <div className="pane-body">
        {error ? (
          <Empty
            title={t('studio.notRead')}
            action={
              <Button tone="primary" onPress={reload}>
                {t('common.tryAgain')}
              </Button>
            }
          >
            {explain(error, t)}
          </Empty>
        ) : null}
      </div>
    );
  return (
    <div className="pane-body">
      {problem ? <Notice tone="danger">{problem}</Notice> : null}
      {isEmpty(value) ? (
        <Empty icon={empty.icon} title={empty.title} action={empty.action}>
          {empty.text}
        </Empty>
      ) : (
        <div className={`studio-page stack stack-24${isWide ? ' is-wide' : ''}`}>{children(value)}</div>
      )}
    </div>
  );
}
