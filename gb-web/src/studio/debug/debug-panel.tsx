import type { JsonValue } from 'gb-protocol';
import type { Mode } from 'gb-vm/debug';
import { ArrowDownToDot, ArrowUpFromDot, Pause, Play, RedoDot, X } from 'lucide-react';
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Button, IconButton } from '../../design/button.tsx';
import { Field } from '../../design/field.tsx';
import { Notice } from '../../design/notice.tsx';
import { withoutReordering } from '../../lib/safe-text.ts';
import { Talk } from '../talk.tsx';
import type { Breakpoints } from '../use-breakpoints.ts';
import { type StudioTranslate, useT } from '../words/index.ts';
import type { Position, State } from './protocol.ts';
import type { DebuggerControl } from './use-debugger.ts';
import { Variables } from './variables.tsx';
import { Watches } from './watches.tsx';

/** A program under the hand: what it says, where it stands, what it knows. The code is beside it. */
export function DebugPanel({
  title,
  actions,
  control,
  state,
  frame,
  onFrame,
  breakpoints,
  watches,
  onWatches,
  onShow,
}: {
  title: string;
  actions: ReactNode;
  control: DebuggerControl;
  state: State;
  frame: number;
  onFrame: (frame: number) => void;
  breakpoints: Breakpoints;
  watches: readonly string[];
  onWatches: (watches: readonly string[]) => void;
  onShow: (file: string, line: number) => void;
}) {
  const t = useT();
  const panel = useRef<HTMLElement>(null);
  // The button that opened it is gone, and the keys of the debugger need a place to be pressed in.
  useEffect(() => {
    if (document.activeElement === document.body || document.activeElement === null)
      panel.current?.focus({ preventScroll: true });
  }, []);
  const isStopped = state.phase === 'stopped';
  const canLook = state.frames.length > 0;
  const canChange = (isStopped && state.reason !== 'error') || state.phase === 'waiting' || state.phase === 'asking';
  const shown = state.frames[frame] ?? state.frames[0];
  const points = [...breakpoints.lines].flatMap(([file, lines]) => lines.map((line) => ({ file, line })));
  return (
    <section className="preview debug-panel" aria-label={title} ref={panel} tabIndex={-1}>
      <header className="preview-header">
        <h3>{title}</h3>
        {actions}
      </header>
      <Steps control={control} state={state} />
      <p className="debug-status" role="status">
        {statusOf(state, t)}
      </p>
      {state.phase === 'broken' ? <Notice tone="danger">{state.message}</Notice> : null}
      <div className="debug-talk">
        <Talk
          label={t('debug.talk')}
          lines={state.lines.map((line, key) => ({ key, ...line }))}
          suggestions={state.suggestions}
          canAnswer={state.phase === 'waiting'}
          onAnswer={(text, form) => control.answer(text, form)}
        >
          {state.phase === 'ended' ? <p className="preview-end soft">{t('studio.finished')}</p> : null}
        </Talk>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what does not fit is scrolled to with the keys */}
      <section className="debug-facts" tabIndex={0} aria-label={t('debug.facts')}>
        {state.phase === 'asking' && state.request ? (
          <Asking key={state.request.name} request={state.request} onGive={control.give} />
        ) : null}
        {canLook && shown ? (
          <>
            {shown.isMain ? null : (
              <Variables
                control={control}
                frame={frame}
                label={t('debug.variablesOf', { name: shown.procedure })}
                canChange={canChange}
              />
            )}
            <Variables control={control} frame={-1} label={t('debug.variables')} canChange={canChange} />
            <Watches control={control} frame={frame} watches={watches} onChange={onWatches} />
            <section className="debug-section" aria-label={t('debug.calls')}>
              <h4>{t('debug.calls')}</h4>
              <ol className="debug-calls">
                {state.frames.map((one) => (
                  <li key={one.index}>
                    <button
                      type="button"
                      className="problem"
                      aria-current={one.index === frame ? 'true' : undefined}
                      onClick={() => {
                        onFrame(one.index);
                        onShow(one.file, one.line);
                      }}
                    >
                      <span>{one.isMain ? t('debug.main') : withoutReordering(one.procedure)}</span>
                      <span className="problem-place">
                        {withoutReordering(one.file)}:{one.line}
                      </span>
                    </button>
                  </li>
                ))}
              </ol>
            </section>
          </>
        ) : null}
        <section className="debug-section" aria-label={t('debug.breakpoints')}>
          <h4>{t('debug.breakpoints')}</h4>
          {points.length === 0 ? <p className="soft debug-empty">{t('debug.breakpointsHelp')}</p> : null}
          <ul className="debug-calls">
            {points.map((point) => (
              <li key={`${point.file}:${point.line}`} className="row">
                <button type="button" className="problem grow" onClick={() => onShow(point.file, point.line)}>
                  {withoutReordering(point.file)}:{point.line}
                </button>
                <IconButton
                  size="small"
                  label={t('debug.breakpointRemove', { place: `${point.file}:${point.line}` })}
                  onPress={() =>
                    breakpoints.change(
                      point.file,
                      breakpoints.in(point.file).filter((line) => line !== point.line),
                      point.line,
                    )
                  }
                >
                  <X size={14} aria-hidden />
                </IconButton>
              </li>
            ))}
          </ul>
        </section>
      </section>
    </section>
  );
}

function Steps({ control, state }: { control: DebuggerControl; state: State }) {
  const t = useT();
  const isRunning = state.phase === 'running' || state.phase === 'starting';
  const canStep = state.phase === 'stopped';
  const step = (mode: Mode, label: string, keys: string, icon: ReactNode): ReactNode => (
    <IconButton label={label} shortcut={keys} isDisabled={!canStep} onPress={() => control.run(mode)}>
      {icon}
    </IconButton>
  );
  return (
    <div className="debug-steps" role="toolbar" aria-label={t('debug.steps')}>
      {isRunning ? (
        <IconButton label={t('debug.pause')} shortcut="F8" onPress={control.pause}>
          <Pause size={18} aria-hidden />
        </IconButton>
      ) : (
        step('continue', t('debug.continue'), 'F8', <Play size={18} aria-hidden />)
      )}
      {step('over', t('debug.over'), 'F10', <RedoDot size={18} aria-hidden />)}
      {step('into', t('debug.into'), 'F11', <ArrowDownToDot size={18} aria-hidden />)}
      {step('out', t('debug.out'), 'Shift+F11', <ArrowUpFromDot size={18} aria-hidden />)}
    </div>
  );
}

/** The keys of a debugger, wherever the focus is between the code and what is beside it. */
export function stepKeys(control: DebuggerControl, event: { key: string; shiftKey: boolean; preventDefault(): void }): void {
  const { state } = control;
  if (!state) return;
  const isRunning = state.phase === 'running' || state.phase === 'starting';
  const act: Record<string, () => void> = {
    F8: () => (isRunning ? control.pause() : control.run('continue')),
    F10: () => control.run('over'),
    F11: () => control.run(event.shiftKey ? 'out' : 'into'),
  };
  const found = act[event.key];
  if (!found) return;
  event.preventDefault();
  found();
}

function statusOf(state: State, t: StudioTranslate): string {
  const at: Position | undefined = state.frames[0];
  const place = at ? `${at.file}:${at.line}` : '';
  switch (state.phase) {
    case 'starting':
      return t('debug.starting');
    case 'running':
      return t('debug.running');
    case 'waiting':
      return t('debug.waiting', { place });
    case 'asking':
      return t('debug.asking', { name: state.request?.name ?? '' });
    case 'ended':
      return state.message ? t('debug.failed', { message: state.message }) : t('debug.ended');
    case 'broken':
      return t('debug.broken');
    case 'stopped':
      if (state.reason === 'error') return t('debug.stoppedError', { place, message: state.message ?? '' });
      return t(state.reason === 'breakpoint' ? 'debug.stoppedBreakpoint' : 'debug.stopped', { place });
  }
}

/** What the program wants of the world is not done here: whoever debugs says what comes back. */
function Asking({ request, onGive }: { request: NonNullable<State['request']>; onGive: (value: JsonValue) => void }) {
  const t = useT();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    try {
      onGive(text.trim() === '' ? null : (JSON.parse(text) as JsonValue));
    } catch {
      setProblem(t('debug.notJson'));
    }
  };
  return (
    <form className="debug-section stack" onSubmit={submit}>
      <h4>{t('debug.askingTitle', { name: request.name })}</h4>
      <pre className="debug-json">{withoutReordering(JSON.stringify(request.args, null, 2))}</pre>
      <Field
        label={t('debug.give')}
        hint={t('debug.giveHint')}
        value={text}
        onChange={(value) => {
          setText(value);
          setProblem(null);
        }}
        error={problem}
        rows={3}
      />
      <div>
        <Button type="submit" size="small">
          {t('debug.goOn')}
        </Button>
      </div>
    </form>
  );
}
