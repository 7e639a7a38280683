import type { BotExampleInfo, ScriptFile } from 'gb-protocol';
import { Bot, CalendarClock, FormInput, Globe, ListChecks, MessageCircleQuestionMark, Table2, UserCheck } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useClient, useMe } from '../app/client-context.tsx';
import { codeOf } from '../app/problem.ts';
import { goBack, navigate } from '../app/router.ts';
import { useTask } from '../app/use-task.ts';
import { Button } from '../design/button.tsx';
import { RadioChoice } from '../design/choice.tsx';
import { Field } from '../design/field.tsx';
import { Notice } from '../design/notice.tsx';
import { Pane } from '../design/pane.tsx';
import { useLocale } from '../i18n/index.ts';
import { fold } from '../lib/fuzzy.ts';
import { Examples } from './examples.tsx';
import { isSettings, readSettingsFile, settingsFileName, writeSettingsFile } from './settings-file.ts';
import { type Template, templates } from './templates/index.ts';
import { useT } from './words/index.ts';

const icons = {
  remember: MessageCircleQuestionMark,
  form: FormInput,
  menu: ListChecks,
  table: Table2,
  schedule: CalendarClock,
  api: Globe,
  approval: UserCheck,
};

/** What follows the @, made of the name. */
export function handleOf(name: string): string {
  return fold(name)
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 32);
}

/** Nine o'clock is nine where the bot was made, until somebody says otherwise. */
export function withTimeZone(files: readonly ScriptFile[]): readonly ScriptFile[] {
  const given = files.find(({ name }) => isSettings(name));
  const rows = readSettingsFile(given?.text ?? '');
  const timeZone = { name: 'time-zone', value: Intl.DateTimeFormat().resolvedOptions().timeZone };
  const settings = { name: settingsFileName, text: writeSettingsFile([timeZone, ...rows]) };
  return [...files.filter((file) => file !== given), settings];
}

export function TemplatePicker() {
  const t = useT();
  const locale = useLocale();
  const client = useClient();
  const me = useMe();
  const [templateId, setTemplateId] = useState<Template['id'] | 'example'>('remember');
  const [example, setExample] = useState<BotExampleInfo | null>(null);
  const [isExampleMissing, setExampleMissing] = useState(false);
  const [name, setName] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const handle = handleOf(name);
  const creating = useTask(
    async () => {
      const template = templates.find(({ id }) => id === templateId);
      const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
      const bot = template
        ? await client.rest.createBot({
            name: name.trim(),
            handle,
            description: t(template.text),
            files: withTimeZone(template.files({ locale, handle: me.handle })),
          })
        : await client.rest.createBotFromExample({ name: name.trim(), handle, example: example!.id, timeZone });
      navigate({ screen: 'studio', botId: bot.id }, { replace: true });
    },
    (error) => {
      if (codeOf(error) !== 'name_taken') return false;
      setWrong(t('studio.nameTaken', { handle }));
      return true;
    },
  );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (handle === '') setWrong(t('studio.nameMissing'));
    else if (templateId === 'example' && example === null) setExampleMissing(true);
    else void creating.run();
  };
  return (
    <Pane
      title={t('side.newBot')}
      label={t('side.newBot')}
      onClose={() => goBack({ screen: 'studio', botId: null })}
      takesFocus={false}
    >
      <div className="pane-body">
        <form className="page-body stack stack-24" onSubmit={submit}>
          <Field
            label={t('studio.name')}
            value={name}
            onChange={(value) => {
              setName(value);
              setWrong(null);
            }}
            error={wrong}
            hint={handle ? `@${handle}` : t('studio.nameHint')}
            placeholder={t('studio.nameExample')}
            maxLength={60}
            hasFocus
          />
          <RadioChoice<Template['id'] | 'example'>
            label={t('studio.startFrom')}
            value={templateId}
            onChange={setTemplateId}
            options={[
              ...templates.map(({ id, title, text }) => {
                const Icon = icons[id];
                return { id, label: t(title), description: t(text), icon: <Icon size={16} aria-hidden /> };
              }),
              {
                id: 'example',
                label: t('examples.option'),
                description: t('examples.optionText'),
                icon: <Bot size={16} aria-hidden />,
              },
            ]}
          />
          {templateId === 'example' ? (
            <Examples
              value={example?.id ?? null}
              onChange={(chosen) => {
                // The name of the example, as long as nobody wrote another one.
                if (name === '' || name === example?.name) setName(chosen.name);
                setExample(chosen);
                setExampleMissing(false);
                setWrong(null);
              }}
            />
          ) : null}
          {isExampleMissing ? <Notice tone="danger">{t('examples.missing')}</Notice> : null}
          {creating.problem ? <Notice tone="danger">{creating.problem}</Notice> : null}
          <div className="row row-end">
            <Button type="submit" tone="primary" isPending={creating.isRunning}>
              {t('studio.create')}
            </Button>
          </div>
        </form>
      </div>
    </Pane>
  );
}
