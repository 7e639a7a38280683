import { limits, type UserId } from 'gb-protocol';
import { useCallback, useState } from 'react';
import { useClient, useMe } from '../app/client-context.tsx';
import { goBack, navigate, toChannel } from '../app/router.ts';
import { useTask } from '../app/use-task.ts';
import { Button } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { Pane } from '../design/pane.tsx';
import { useT } from '../i18n/index.ts';
import { PeoplePicker } from './people-picker.tsx';

export function NewMessagePage() {
  const t = useT();
  const client = useClient();
  const me = useMe();
  const [chosen, setChosen] = useState<readonly UserId[]>([]);
  const isMe = useCallback((user: { id: UserId }) => user.id === me.id, [me.id]);
  const opening = useTask(async () => {
    const { state } = await client.rest.openDirect({ userIds: chosen });
    client.addChannel(state);
    navigate(toChannel(state.channel.id), { replace: true });
  });
  return (
    <Pane title={t('side.newMessage')} label={t('side.newMessage')} onClose={() => goBack({ screen: 'home' })} takesFocus={false}>
      <div className="pane-body">
        <div className="page-body stack">
          <PeoplePicker
            label={t('newMessage.to')}
            chosen={chosen}
            onChange={setChosen}
            isHidden={isMe}
            max={limits.groupMembersMax - 1}
            hasFocus
          />
          {opening.problem ? <Notice tone="danger">{opening.problem}</Notice> : null}
          <div className="row row-end">
            <Button
              tone="primary"
              isDisabled={chosen.length === 0}
              isPending={opening.isRunning}
              onPress={() => void opening.run()}
            >
              {t('newMessage.open')}
            </Button>
          </div>
        </div>
      </div>
    </Pane>
  );
}
