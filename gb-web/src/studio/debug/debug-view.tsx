import { ArrowLeft, RotateCcw } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { IconButton } from '../../design/button.tsx';
import { withoutReordering } from '../../lib/safe-text.ts';
import { CodeEditor, type EditorHandle } from '../code-editor.tsx';
import { isSettings } from '../settings-file.ts';
import { useBreakpoints } from '../use-breakpoints.ts';
import { useT } from '../words/index.ts';
import { DebugPanel, stepKeys } from './debug-panel.tsx';
import type { Source } from './protocol.ts';
import { useDebugger } from './use-debugger.ts';

/** A conversation of somebody, where it waits or in a turn that is over, with the scripts it really ran in. */
export function DebugView({ title, source, onClose }: { title: string; source: Source; onClose: () => void }) {
  const t = useT();
  const control = useDebugger();
  const breakpoints = useBreakpoints(control);
  const files = (source.kind === 'draft' ? source.files : source.program.files).filter(({ name }) => !isSettings(name));
  const [fileName, setFileName] = useState(files[0]?.name ?? '');
  const [shows, setShows] = useState<'code' | 'preview'>('preview');
  const [frame, setFrame] = useState(0);
  const [watches, setWatches] = useState<readonly string[]>([]);
  const editor = useRef<EditorHandle>(null);
  const root = useRef<HTMLDivElement>(null);
  const { state, start } = control;

  const begin = (): void => {
    start(source, true);
    breakpoints.sendAll();
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: it begins when it is opened
  useEffect(begin, [source]);
  useEffect(() => root.current?.focus({ preventScroll: true }), []);

  const top = state?.frames[0];
  const looked = state?.frames[frame] ?? top;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another set of scripts is another source
  useEffect(() => {
    setFrame(0);
    if (top && files.some(({ name }) => name === top.file)) setFileName(top.file);
  }, [top, source]);

  const showLine = (file: string, line: number): void => {
    setShows('code');
    setFileName(file);
    const text = files.find(({ name }) => name === file)?.text ?? '';
    const offset = text
      .split('\n')
      .slice(0, line - 1)
      .reduce((sum, one) => sum + one.length + 1, 0);
    requestAnimationFrame(() => requestAnimationFrame(() => editor.current?.show(offset)));
  };

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
      <div className="workbench-switch" role="tablist" aria-label={title}>
        {(['code', 'preview'] as const).map((id) => (
          <button key={id} type="button" role="tab" aria-selected={shows === id} onClick={() => setShows(id)}>
            {t(id === 'code' ? 'studio.tabCode' : 'debug.title')}
          </button>
        ))}
      </div>
      <div className={`workbench-columns shows-${shows}`}>
        <div className="workbench-code">
          <div className="file-tabs">
            <div className="file-tab-list" role="tablist" aria-label={t('studio.files')}>
              {files.map(({ name }) => (
                <span key={name} className={`file-tab${name === fileName ? ' is-current' : ''}`} role="presentation">
                  <button type="button" role="tab" aria-selected={name === fileName} onClick={() => setFileName(name)}>
                    {withoutReordering(name)}
                  </button>
                </span>
              ))}
            </div>
          </div>
          <CodeEditor
            fileName={fileName}
            text={files.find(({ name }) => name === fileName)?.text ?? ''}
            isReadOnly
            diagnostics={none}
            languageHelp={null}
            breakpoints={breakpoints.in(fileName)}
            stoppedLine={looked?.file === fileName ? looked.line : null}
            onBreakpoints={breakpoints.change}
            handle={editor}
          />
        </div>
        {state ? (
          <DebugPanel
            title={title}
            control={control}
            state={state}
            frame={frame}
            onFrame={setFrame}
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
      </div>
    </div>
  );
}

const none: readonly never[] = [];
