import { type BotId, type BotTheme, type FormValues, hiddenText, type PreviewResult, type ScriptFile } from 'gb-protocol';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { announce } from '../app/announcer.tsx';
import { lookOf } from '../app/bot-theme.ts';
import { useClient } from '../app/client-context.tsx';
import { codeOf, explain } from '../app/problem.ts';
import { Notice } from '../design/notice.tsx';
import { useDates } from '../i18n/dates.ts';
import { plainText } from '../lib/markdown.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { Talk, type TalkLine } from './talk.tsx';
import { useT } from './words/index.ts';

interface State {
  readonly lines: readonly TalkLine[];
  readonly previewId: string | null;
  readonly status: PreviewResult['status'] | 'running' | 'idle';
  readonly suggestions: readonly string[];
  readonly error: PreviewResult['error'];
  readonly failure: string | null;
  readonly elapsedMs: number;
  readonly theme: BotTheme | undefined;
  readonly isSecret: boolean;
}

const idle: State = {
  lines: [],
  previewId: null,
  status: 'idle',
  suggestions: [],
  error: null,
  failure: null,
  elapsedMs: 0,
  theme: undefined,
  isSecret: false,
};

/** The draft, running: what is said here is said by the code as it stands in the editor. Nobody else sees it. */
export function Preview({
  botId,
  files,
  run,
  hasErrors,
  actions,
  onShow,
}: {
  botId: BotId;
  files: readonly ScriptFile[];
  /** A new number starts over. */
  run: number;
  hasErrors: boolean;
  actions: ReactNode;
  onShow: (file: string, line: number) => void;
}) {
  const t = useT();
  const dates = useDates();
  const client = useClient();
  const [state, setState] = useState<State>(idle);
  const [ranFiles, setRanFiles] = useState<readonly ScriptFile[] | null>(null);
  const latestFiles = useRef(files);
  latestFiles.current = files;
  const turn = useRef(0);
  const nextKey = useRef(0);

  const step = useCallback(
    async (previewId: string | null, answer: string | null, form?: FormValues) => {
      const mine = ++turn.current;
      const sent = latestFiles.current;
      const key = () => nextKey.current++;
      setState((before) =>
        answer === null
          ? { ...idle, status: 'running', theme: before.theme }
          : {
              ...before,
              status: 'running',
              suggestions: [],
              lines: [...before.lines, { key: key(), from: 'me', text: before.isSecret ? hiddenText : answer }],
            },
      );
      if (answer === null) setRanFiles(sent);
      try {
        const result = await client.rest.previewBot({
          botId,
          files: sent,
          ...(previewId === null ? {} : { previewId }),
          ...(answer === null ? {} : { answer }),
          ...(form ? { formValues: form } : {}),
        });
        if (mine !== turn.current) return;
        const replies = result.replies.map((reply) => ({ key: key(), from: 'bot' as const, reply }));
        setState((before) => ({
          lines: [...before.lines, ...replies],
          previewId: result.previewId,
          status: result.status,
          suggestions: result.replies.at(-1)?.suggestions ?? [],
          error: result.error,
          failure: null,
          elapsedMs: result.elapsedMs,
          theme: result.theme,
          isSecret: result.asksSecret === true,
        }));
        if (result.replies.length > 0) announce(result.replies.map((reply) => plainText(reply.text)).join(' '));
      } catch (error) {
        if (mine !== turn.current) return;
        // What is wrong with the program stands in the list of problems already.
        setState((before) => ({
          ...before,
          status: 'idle',
          failure: codeOf(error) === 'program_invalid' ? t('studio.previewInvalid') : explain(error, t),
        }));
      }
    },
    [client, botId, t],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new run number is the wish to start over
  useEffect(() => {
    void step(null, null);
  }, [run, step]);

  const canAnswer = state.status === 'waiting' && state.previewId !== null;
  const isStale = ranFiles !== null && ranFiles !== files;

  return (
    <section className="preview" aria-label={t('studio.preview')}>
      <header className="preview-header">
        <h3>{t('studio.preview')}</h3>
        <span className="soft">
          {state.elapsedMs > 0 ? t('studio.took', { ms: dates.number(Math.max(1, Math.round(state.elapsedMs))) }) : ''}
        </span>
        {actions}
      </header>
      <div className="preview-talk" {...lookOf(state.theme)}>
        <Talk
          label={t('studio.preview')}
          beginning={<Beginning theme={state.theme} />}
          lines={state.lines}
          suggestions={state.suggestions}
          canAnswer={canAnswer}
          isSecret={state.isSecret}
          onAnswer={(said, form) => void step(state.previewId, said, form)}
        >
          {state.error ? (
            <Notice
              tone="danger"
              action={
                <button type="button" className="link-button" onClick={() => onShow(state.error!.file, state.error!.line)}>
                  {t('studio.showLine', { line: state.error.line })}
                </button>
              }
            >
              {state.error.message}
            </Notice>
          ) : null}
          {state.failure ? <Notice tone="danger">{state.failure}</Notice> : null}
          {state.status === 'finished' ? <p className="preview-end soft">{t('studio.finished')}</p> : null}
          {isStale && !hasErrors ? <p className="preview-end soft">{t('studio.stale')}</p> : null}
        </Talk>
      </div>
    </section>
  );
}

/** What the theme says above the first message, as people will see it. */
function Beginning({ theme }: { theme: BotTheme | undefined }) {
  if (theme?.title === undefined && theme?.welcome === undefined) return null;
  return (
    <div className="talk-beginning">
      {theme.title ? <strong>{withoutReordering(theme.title)}</strong> : null}
      {theme.welcome ? <p>{withoutReordering(theme.welcome)}</p> : null}
    </div>
  );
}
