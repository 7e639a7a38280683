import { ArrowLeft, RotateCcw } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { IconButton } from '../../design/button.tsx';
import { withoutReordering } from '../../lib/safe-text.ts';
import { CodeEditor } from '../code-editor.tsx';
import { isSettings } from '../settings-file.ts';
import { TwoSides } from '../two-sides.tsx';
import { useBreakpoints } from '../use-breakpoints.ts';
import { useShownScript } from '../use-shown-script.ts';
import { useT } from '../words/index.ts';
import { DebugPanel, stepKeys } from './debug-panel.tsx';
import type { Source } from './protocol.ts';
import { RealChange, type RealConversation } from './real-change.tsx';
import { useDebugger } from './use-debugger.ts';

/** A conversation of somebody, where it waits or in a turn that is over, with the scripts it really ran in. */
export function DebugView({
  title,
  source,
  real,
  onClose,
}: {
  title: string;
  source: Source;
  /** Of which it is a copy; null when nothing can be changed in it. */
  real: RealConversation | null;
  onClose: () => void;
}) {
  const t = useT();
  const control = useDebugger();
  const breakpoints = useBreakpoints(control);
  const files = useMemo(
    () => (source.kind === 'draft' ? source.files : source.program.files).filter(({ name }) => !isSettings(name)),
    [source],
  );
  const [watches, setWatches] = useState<readonly string[]>([]);
  const root = useRef<HTMLDivElement>(null);
  const { state, start } = control;
  const shown = useShownScript(files, { first: files[0]?.name ?? '', side: 'preview', state, followed: state });
  const { fileName, showLine } = shown;

  const begin = (): void => {
    start(source, true);
    breakpoints.sendAll();
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: it begins when it is opened
  useEffect(begin, [source]);
  useEffect(() => root.current?.focus({ preventScroll: true }), []);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys of the debugger work wherever the focus is in here
    <div
      className="code-view"
      ref={root}
      tabIndex={-1}
      onKeyDown={(event) => {
        stepKeys(control, event);
        if (event.key === 'Escape' && !event.defaultPrevented) {
          event.preventDefault();
          onClose();
        }
      }}
    >
      <div className="debug-view-head">
        <IconButton label={t('debug.close')} onPress={onClose}>
          <ArrowLeft size={18} aria-hidden />
        </IconButton>
        <span className="grow soft">{t(source.kind === 'waiting' ? 'debug.copyOfNow' : 'debug.copyOfThen')}</span>
      </div>
      {real && control.changes.length > 0 ? (
        <div className="real-change">
          <RealChange changes={control.changes} real={real} />
        </div>
      ) : null}
      <TwoSides
        label={title}
        running={t('debug.title')}
        shows={shown.shows}
        onShows={shown.setShows}
        code={
          <>
            <div className="file-tabs">
              <div className="file-tab-list" role="tablist" aria-label={t('studio.files')}>
                {files.map(({ name }) => (
                  <span key={name} className={`file-tab${name === fileName ? ' is-current' : ''}`} role="presentation">
                    <button type="button" role="tab" aria-selected={name === fileName} onClick={() => shown.setFileName(name)}>
                      {withoutReordering(name)}
                    </button>
                  </span>
                ))}
              </div>
            </div>
            <CodeEditor
              fileName={fileName}
              text={shown.text}
              isReadOnly
              diagnostics={none}
              languageHelp={null}
              breakpoints={breakpoints.in(fileName)}
              stoppedLine={shown.stoppedLine}
              onBreakpoints={breakpoints.change}
              handle={shown.editor}
            />
          </>
        }
      >
        {state ? (
          <DebugPanel
            title={title}
            control={control}
            state={state}
            frame={shown.frame}
            onFrame={shown.setFrame}
            breakpoints={breakpoints}
            watches={watches}
            onWatches={setWatches}
            onShow={showLine}
            actions={
              <IconButton size="small" label={t('studio.restart')} onPress={begin}>
                <RotateCcw size={16} aria-hidden />
              </IconButton>
            }
          />
        ) : null}
      </TwoSides>
    </div>
  );
}

const none: readonly never[] = [];
