import { limits, type UserId } from 'gb-protocol';
import { Hash, Lock } from 'lucide-react';
import { type FormEvent, useCallback, useState } from 'react';
import { useClient, useMe } from '../app/client-context.tsx';
import { codeOf, explain } from '../app/problem.ts';
import { goBack, navigate, toChannel } from '../app/router.ts';
import { useTask } from '../app/use-task.ts';
import { Button } from '../design/button.tsx';
import { RadioChoice } from '../design/choice.tsx';
import { Field } from '../design/field.tsx';
import { Notice } from '../design/notice.tsx';
import { Pane } from '../design/pane.tsx';
import { useT } from '../i18n/index.ts';
import { PeoplePicker } from './people-picker.tsx';

/** What is typed becomes a name that can follow a #: lower case, dashes for blanks. */
export function channelNameOf(text: string): string {
  return text
    .toLocaleLowerCase()
    .replace(/\s+/g, '-')
    .replace(/[^\p{L}\p{N}_-]/gu, '')
    .slice(0, limits.channelNameMax);
}

export function NewChannelPage() {
  const t = useT();
  const client = useClient();
  const me = useMe();
  const [kind, setKind] = useState<'public' | 'private'>('public');
  const [name, setName] = useState('');
  const [topic, setTopic] = useState('');
  const [memberIds, setMemberIds] = useState<readonly UserId[]>([]);
  const [wrong, setWrong] = useState<string | null>(null);
  const isMe = useCallback((user: { id: UserId }) => user.id === me.id, [me.id]);
  const creating = useTask(
    async () => {
      const final = name.replace(/^-+|-+$/g, '');
      const { state } = await client.rest.createChannel({ kind, name: final, topic: topic.trim(), memberIds });
      client.addChannel(state);
      navigate(toChannel(state.channel.id), { replace: true });
    },
    (error) => {
      if (codeOf(error) !== 'name_taken') return false;
      setWrong(explain(error, t));
      return true;
    },
  );

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (name.replace(/-/g, '') === '') setWrong(t('newChannel.nameMissing'));
    else void creating.run();
  };

  return (
    <Pane title={t('side.newChannel')} label={t('side.newChannel')} onClose={() => goBack({ screen: 'home' })} takesFocus={false}>
      <div className="pane-body">
        <form className="page-body stack stack-24" onSubmit={submit}>
          <Field
            label={t('details.name')}
            value={name}
            onChange={(value) => {
              setName(channelNameOf(value));
              setWrong(null);
            }}
            error={wrong}
            hint={t('newChannel.nameHint')}
            placeholder={t('newChannel.example')}
            hasFocus
          />
          <RadioChoice
            label={t('newChannel.kind')}
            value={kind}
            onChange={setKind}
            options={[
              {
                id: 'public',
                label: t('newChannel.public'),
                description: t('newChannel.publicText'),
                icon: <Hash size={16} aria-hidden />,
              },
              {
                id: 'private',
                label: t('newChannel.private'),
                description: t('newChannel.privateText'),
                icon: <Lock size={16} aria-hidden />,
              },
            ]}
          />
          <Field
            label={t('details.topic')}
            value={topic}
            onChange={setTopic}
            maxLength={limits.channelTopicMax}
            hint={t('details.topicHint')}
          />
          <PeoplePicker label={t('newChannel.people')} chosen={memberIds} onChange={setMemberIds} isHidden={isMe} />
          {creating.problem ? <Notice tone="danger">{creating.problem}</Notice> : null}
          <div className="row row-end">
            <Button type="submit" tone="primary" isPending={creating.isRunning}>
              {t('newChannel.create')}
            </Button>
          </div>
        </form>
      </div>
    </Pane>
  );
}
