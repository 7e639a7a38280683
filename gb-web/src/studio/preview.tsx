import type { PreviewResult, ScriptFile } from 'gb-protocol';
import { SendHorizontal } from 'lucide-react';
import { type FormEvent, type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { announce } from '../app/announcer.tsx';
import { useClient } from '../app/client-context.tsx';
import { codeOf, explain } from '../app/problem.ts';
import { MarkdownView } from '../channel/markdown-view.tsx';
import { IconButton } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { useDates } from '../i18n/dates.ts';
import { useT } from './words/index.ts';
import { plainText } from '../lib/markdown.ts';
import { withoutReordering } from '../lib/safe-text.ts';

interface Line {
  readonly key: number;
  readonly from: 'bot' | 'me';
  readonly text: string;
}

interface State {
  readonly lines: readonly Line[];
  readonly previewId: string | null;
  readonly status: PreviewResult['status'] | 'running' | 'idle';
  readonly suggestions: readonly string[];
  readonly error: PreviewResult['error'];
  readonly failure: string | null;
  readonly elapsedMs: number;
}

const idle: State = { lines: [], previewId: null, status: 'idle', suggestions: [], error: null, failure: null, elapsedMs: 0 };

/** The draft, running: what is said here is said by the code as it stands in the editor. Nobody else sees it. */
export function Preview({
  files,
  run,
  hasErrors,
  restart,
  onShow,
}: {
  files: readonly ScriptFile[];
  /** A new number starts over. */
  run: number;
  hasErrors: boolean;
  restart: ReactNode;
  onShow: (file: string, line: number) => void;
}) {
  const t = useT();
  const dates = useDates();
  const client = useClient();
  const [state, setState] = useState<State>(idle);
  const [text, setText] = useState('');
  const [ranFiles, setRanFiles] = useState<readonly ScriptFile[] | null>(null);
  const latestFiles = useRef(files);
  latestFiles.current = files;
  const turn = useRef(0);
  const nextKey = useRef(0);
  const log = useRef<HTMLDivElement>(null);

  const step = useCallback(
    async (previewId: string | null, answer: string | null) => {
      const mine = ++turn.current;
      const sent = latestFiles.current;
      const line = (from: Line['from'], said: string): Line => ({ key: nextKey.current++, from, text: said });
      setState((before) =>
        answer === null
          ? { ...idle, status: 'running' }
          : { ...before, status: 'running', suggestions: [], lines: [...before.lines, line('me', answer)] },
      );
      if (answer === null) setRanFiles(sent);
      try {
        const result = await client.rest.previewBot({
          files: sent,
          ...(previewId === null ? {} : { previewId }),
          ...(answer === null ? {} : { answer }),
        });
        if (mine !== turn.current) return;
        const replies = result.replies.map((reply) => line('bot', reply.text));
        setState((before) => ({
          lines: [...before.lines, ...replies],
          previewId: result.previewId,
          status: result.status,
          suggestions: result.replies.at(-1)?.suggestions ?? [],
          error: result.error,
          failure: null,
          elapsedMs: result.elapsedMs,
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
    [client, t],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new run number is the wish to start over
  useEffect(() => {
    void step(null, null);
  }, [run, step]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what was said last is kept in sight
  useEffect(() => {
    log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [state]);

  const canAnswer = state.status === 'waiting' && state.previewId !== null;
  const answer = (said: string): void => {
    if (!canAnswer || said.trim() === '') return;
    setText('');
    void step(state.previewId, said);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    answer(text);
  };
  const isStale = ranFiles !== null && ranFiles !== files;

  return (
    <section className="preview" aria-label={t('studio.preview')}>
      <header className="preview-header">
        <h3>{t('studio.preview')}</h3>
        <span className="soft">
          {state.elapsedMs > 0 ? t('studio.took', { ms: dates.number(Math.max(1, Math.round(state.elapsedMs))) }) : ''}
        </span>
        {restart}
      </header>
      <div className="preview-log" ref={log} role="log" aria-live="off" aria-label={t('studio.preview')}>
        {state.lines.map((line) => (
          <div key={line.key} className={`bubble bubble-${line.from}`}>
            {line.from === 'bot' ? (
              <div className="md">
                <MarkdownView text={line.text} />
              </div>
            ) : (
              withoutReordering(line.text)
            )}
          </div>
        ))}
        {state.suggestions.length > 0 && canAnswer ? (
          <div className="suggestions">
            {state.suggestions.map((suggestion) => (
              <button key={suggestion} type="button" className="suggestion" onClick={() => answer(suggestion)}>
                {withoutReordering(suggestion)}
              </button>
            ))}
          </div>
        ) : null}
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
      </div>
      <form className="preview-form" onSubmit={submit}>
        <input
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder={t('studio.answer')}
          aria-label={t('studio.answer')}
          readOnly={!canAnswer}
        />
        <IconButton type="submit" label={t('composer.send')} isDisabled={!canAnswer || text.trim() === ''}>
          <SendHorizontal size={18} aria-hidden />
        </IconButton>
      </form>
    </section>
  );
}
