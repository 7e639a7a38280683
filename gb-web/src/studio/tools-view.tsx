import { ApiError } from 'gb-client';
import type { BotDetail, BotTool, Form, JsonValue, RunAnswer } from 'gb-protocol';
import { Wrench } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { announce } from '../app/announcer.tsx';
import { useClient } from '../app/client-context.tsx';
import { formatRoute, navigate } from '../app/router.ts';
import { useLoaded } from '../app/use-loaded.ts';
import { useTask } from '../app/use-task.ts';
import { Button } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { withoutReordering } from '../lib/safe-text.ts';
import { StudioPage } from './studio-page.tsx';
import { FormFields, useFormEntries } from './talk-form.tsx';
import { useT } from './words/index.ts';

const waitMs = 10_000;

/** The scripts that models, forms and other programs can run, each to be tried with its own form. */
export function ToolsView({ bot, tool }: { bot: BotDetail; tool: string | null }) {
  const t = useT();
  const client = useClient();
  const loaded = useLoaded(`${bot.id}:${bot.publishedVersion}`, async () => (await client.rest.botTools(bot.id)).tools);
  return (
    <StudioPage
      loaded={loaded}
      isEmpty={(tools) => tools.length === 0}
      empty={{
        icon: <Wrench size={24} />,
        title: t('tools.emptyTitle'),
        text: (
          <>
            {t('tools.emptyText')}
            <code className="empty-code">{t('tools.example')}</code>
          </>
        ),
      }}
    >
      {(tools) => {
        const open = tools.find(({ name }) => name === tool) ?? tools[0]!;
        return (
          <>
            <nav className="studio-chips" aria-label={t('studio.tabTools')}>
              {tools.map(({ name }) => (
                <a
                  key={name}
                  href={formatRoute({ screen: 'studio', botId: bot.id, tab: 'tools', item: name })}
                  aria-current={name === open.name ? 'page' : undefined}
                  onClick={(event) => {
                    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                    event.preventDefault();
                    navigate({ screen: 'studio', botId: bot.id, tab: 'tools', item: name }, { replace: true });
                  }}
                >
                  {name}
                </a>
              ))}
            </nav>
            <Tool key={open.name} bot={bot} tool={open} />
          </>
        );
      }}
    </StudioPage>
  );
}

function Tool({ bot, tool }: { bot: BotDetail; tool: BotTool }) {
  const t = useT();
  const client = useClient();
  const form: Form = { name: tool.name, fields: tool.fields };
  const fields = useFormEntries(form);
  const [answer, setAnswer] = useState<RunAnswer | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const running = useTask(
    async (work: () => Promise<RunAnswer>) => {
      setFailure(null);
      const given = await work();
      setAnswer(given);
      announce(given.isDone ? t('tools.done') : t('tools.stillRuns'));
    },
    (error) => {
      // What the script said when it failed is worth more than a sentence of ours.
      if (!(error instanceof ApiError) || error.code !== 'run_failed') return false;
      setAnswer(null);
      setFailure(error.message);
      return true;
    },
  );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const read = fields.read();
    if (!read) return;
    // What was left out is not there, rather than empty.
    const given = Object.fromEntries(Object.entries(read.values).filter(([, value]) => value !== null && value !== ''));
    void running.run(() => client.rest.callBotTool(bot.id, tool.name, given, { waitMs }));
  };
  return (
    <section className="stack" aria-label={tool.name}>
      <p>{withoutReordering(tool.description) || <span className="soft">{t('tools.noDescription')}</span>}</p>
      <form ref={fields.element} className="stack studio-form" noValidate onSubmit={submit} aria-label={tool.name}>
        <FormFields form={form} fields={fields} />
        <div>
          <Button type="submit" tone="primary" isPending={running.isRunning} isDisabled={fields.isUploading}>
            {t('tools.run')}
          </Button>
        </div>
      </form>
      {running.problem ? <Notice tone="danger">{running.problem}</Notice> : null}
      {failure ? <Notice tone="danger">{withoutReordering(failure)}</Notice> : null}
      {answer && !answer.isDone ? (
        <Notice
          action={
            <Button
              size="small"
              isPending={running.isRunning}
              onPress={() => void running.run(() => client.rest.botRun(bot.id, answer.runId, { waitMs }))}
            >
              {t('tools.ask')}
            </Button>
          }
        >
          {t('tools.stillRuns')}
        </Notice>
      ) : null}
      {answer?.isDone ? <Given value={answer.value ?? null} /> : null}
      <details className="studio-details">
        <summary>{t('tools.schema')}</summary>
        <pre className="debug-json">{withoutReordering(JSON.stringify(tool.parameters, null, 2))}</pre>
      </details>
    </section>
  );
}

function Given({ value }: { value: JsonValue }) {
  const t = useT();
  return (
    <section aria-label={t('tools.given')}>
      <h3 className="section-title">{t('tools.given')}</h3>
      {value === null ? (
        <p className="soft">{t('tools.nothing')}</p>
      ) : (
        <pre className="debug-json">{withoutReordering(typeof value === 'string' ? value : JSON.stringify(value, null, 2))}</pre>
      )}
    </section>
  );
}
