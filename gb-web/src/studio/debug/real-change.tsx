import type { VariableChange } from 'gb-protocol';
import { useState } from 'react';
import { codeOf } from '../../app/problem.ts';
import { useTask } from '../../app/use-task.ts';
import { Button } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { useDates } from '../../i18n/dates.ts';
import { withoutReordering } from '../../lib/safe-text.ts';
import { useT } from '../words/index.ts';

/** Makes the changes of the copy in the conversation itself. */
export interface RealConversation {
  /** Rejects with `moved_on` when it is not any more what the copy is of. */
  change(changes: readonly VariableChange[]): Promise<void>;
  /** Opens it again as it stands now. */
  look(): void;
}

/** What was changed in the copy, and whether the real conversation is to have it: asked twice, since somebody talks there. */
export function RealChange({ changes, real }: { changes: readonly VariableChange[]; real: RealConversation }) {
  const t = useT();
  const dates = useDates();
  const [isAsking, setAsking] = useState(false);
  const [hasMoved, setMoved] = useState(false);
  const changing = useTask(
    () => real.change(changes),
    (error) => {
      setAsking(false);
      setMoved(codeOf(error) === 'moved_on');
      return codeOf(error) === 'moved_on';
    },
  );
  if (hasMoved)
    return (
      <Notice
        tone="warning"
        action={
          <Button size="small" onPress={real.look}>
            {t('debug.lookAgain')}
          </Button>
        }
      >
        {t('debug.movedOn')}
      </Notice>
    );
  const names = dates.list([...new Set(changes.map(({ target }) => withoutReordering(target)))]);
  return (
    <Notice
      tone={isAsking ? 'warning' : 'info'}
      action={
        isAsking ? (
          <div className="row">
            <Button size="small" tone="danger" isPending={changing.isRunning} onPress={() => void changing.run()}>
              {t('debug.changeRealYes')}
            </Button>
            <Button size="small" isDisabled={changing.isRunning} onPress={() => setAsking(false)}>
              {t('debug.changeRealNo')}
            </Button>
          </div>
        ) : (
          <Button size="small" onPress={() => setAsking(true)}>
            {t('debug.changeReal')}
          </Button>
        )
      }
    >
      {isAsking ? t('debug.changeRealSure', { names }) : t('debug.changedHere', { names })}
      {changing.problem ? (
        <p className="field-error" role="alert">
          {changing.problem}
        </p>
      ) : null}
    </Notice>
  );
}
