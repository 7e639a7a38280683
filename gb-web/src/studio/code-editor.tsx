import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  completionStatus,
  moveCompletionSelection,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentUnit } from '@codemirror/language';
import { setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import type { Diagnostic } from 'gb-vm/compiler';
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import { useLocale } from '../i18n/index.ts';
import { basicCompletion, basicHover, formatText, type LanguageHelp } from './basic-help.ts';
import { basic, basicColours } from './basic-language.ts';
import { breakpoints, showBreakpoints, showStopped } from './editor-breakpoints.ts';
import { editorTheme } from './editor-theme.ts';
import { useT } from './words/index.ts';

export interface EditorHandle {
  /** Shows a place of the open file and puts the caret there. */
  show(offset: number): void;
  focus(): void;
}

export interface CodeEditorProps {
  readonly fileName: string;
  readonly text: string;
  readonly isReadOnly: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** null where nothing is written. */
  readonly languageHelp: LanguageHelp | null;
  readonly breakpoints: readonly number[];
  /** The line a program stands at. */
  readonly stoppedLine: number | null;
  /** Also when editing moved them; `toggled` is the line somebody just pointed at. */
  readonly onBreakpoints: (file: string, lines: readonly number[], toggled: number | null) => void;
  readonly onChange?: (text: string) => void;
  readonly onSave?: () => void;
  readonly onRun?: () => void;
  readonly handle?: Ref<EditorHandle>;
}

/**
 * CodeMirror for one file at a time; undo history is kept per file. It lives in a shadow root, where its styles are
 * constructed sheets: a page policy that forbids inline styles does not have to make an exception for it.
 */
export function CodeEditor({
  fileName,
  text,
  isReadOnly,
  diagnostics,
  languageHelp,
  breakpoints: breakpointLines,
  stoppedLine,
  onBreakpoints,
  onChange,
  onSave,
  onRun,
  handle,
}: CodeEditorProps) {
  const t = useT();
  const locale = useLocale();
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const states = useRef(new Map<string, EditorState>());
  const freshState = useRef<(doc: string) => EditorState>((doc) => EditorState.create({ doc }));
  const shownFile = useRef(fileName);
  /** What was told by `onChange` and has not come back as `text` yet. */
  const told = useRef<string[]>([]);
  const latest = useRef({ text, fileName, languageHelp, breakpointLines, stoppedLine, onBreakpoints, onChange, onSave, onRun });
  latest.current = { text, fileName, languageHelp, breakpointLines, stoppedLine, onBreakpoints, onChange, onSave, onRun };
  const label = t('studio.code', { file: fileName });
  const help = t('studio.leaveEditor');

  useImperativeHandle(handle, () => ({
    show: (offset) => {
      const anchor = Math.min(offset, view.current?.state.doc.length ?? 0);
      view.current?.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) });
      view.current?.focus();
    },
    focus: () => view.current?.focus(),
  }));

  useEffect(() => {
    const element = host.current!;
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    root.replaceChildren();
    const parent = root.appendChild(document.createElement('div'));
    parent.className = 'cm-host';
    const known = states.current;
    const currentHelp = (): LanguageHelp => latest.current.languageHelp ?? noHelp;
    const extensions: Extension = [
      breakpoints((lines, toggled) => latest.current.onBreakpoints(shownFile.current, lines, toggled)),
      lineNumbers(),
      highlightActiveLineGutter(),
      highlightActiveLine(),
      history(),
      drawSelection(),
      bracketMatching(),
      closeBrackets(),
      highlightSelectionMatches(),
      indentUnit.of('  '),
      basic,
      basicColours,
      // Nothing is chosen by itself, so that Enter at the end of a line is a new line.
      autocompletion({ override: [basicCompletion(locale, currentHelp)], icons: false, selectOnOpen: false }),
      basicHover(t('studio.insertExample'), currentHelp),
      readOnly.of([]),
      name.of([]),
      keymap.of([
        { key: 'Mod-s', preventDefault: true, run: () => done(() => latest.current.onSave?.()) },
        { key: 'Mod-Enter', preventDefault: true, run: () => done(() => latest.current.onRun?.()) },
        { key: 'Shift-Alt-f', preventDefault: true, run: (view) => done(() => void formatText(view, currentHelp())) },
        { key: 'Tab', run: takeSuggestion },
        ...closeBracketsKeymap,
        ...completionKeymap,
        ...searchKeymap,
        ...historyKeymap,
        ...defaultKeymap,
        indentWithTab,
      ]),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged || !latest.current.onChange) return;
        const written = update.state.doc.toString();
        told.current.push(written);
        latest.current.onChange(written);
      }),
      EditorView.lineWrapping,
      editorTheme,
    ];
    freshState.current = (doc) => EditorState.create({ doc, extensions });
    shownFile.current = latest.current.fileName;
    const editor = new EditorView({ state: freshState.current(latest.current.text), parent, root });
    view.current = editor;
    showBreakpoints(editor, latest.current.breakpointLines);
    showStopped(editor, latest.current.stoppedLine);
    return () => {
      editor.destroy();
      known.clear();
      view.current = null;
    };
  }, [locale, t]);

  // Another file: its state is taken out and the former one's kept. The same file with another text: a roll back. What one
  // wrote comes back too, perhaps when more was written: that is no reason to take the rest away.
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const echo = shownFile.current === fileName ? told.current.indexOf(text) : -1;
    if (echo >= 0) {
      told.current.splice(0, echo + 1);
      return;
    }
    if (shownFile.current !== fileName) {
      states.current.set(shownFile.current, editor.state);
      shownFile.current = fileName;
      const known = states.current.get(fileName);
      editor.setState(known && known.doc.toString() === text ? known : freshState.current(text));
      showBreakpoints(editor, latest.current.breakpointLines);
    } else if (editor.state.doc.toString() !== text) {
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
    }
    told.current = [];
  }, [fileName, text]);

  useEffect(() => {
    if (view.current) showBreakpoints(view.current, breakpointLines);
  }, [breakpointLines]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a line of one file is none of another
  useEffect(() => {
    if (view.current) showStopped(view.current, stoppedLine);
  }, [stoppedLine, fileName, locale]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another file has another state, which has to be told again
  useEffect(() => {
    view.current?.dispatch({
      effects: [
        readOnly.reconfigure(isReadOnly ? [EditorState.readOnly.of(true), EditorView.editable.of(false)] : []),
        name.reconfigure(EditorView.contentAttributes.of({ 'aria-label': label, 'aria-description': help })),
      ],
    });
  }, [isReadOnly, label, help, fileName, locale]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: marks belong to the text they were found in
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const length = editor.state.doc.length;
    const marks = diagnostics
      .filter(({ file }) => file === fileName)
      .map(({ offset, endOffset, severity, message, hint }) => {
        const from = Math.min(offset, length);
        return {
          from,
          to: Math.min(Math.max(endOffset, offset), length),
          severity,
          message: hint ? `${message} ${hint}` : message,
        };
      });
    editor.dispatch(setDiagnostics(editor.state, marks));
  }, [diagnostics, fileName, locale]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the editor inside has the keys; this keeps one of them in it
    <div
      ref={host}
      className="code-editor"
      // Escape closes what the editor has open and lets Tab out of it. It does not close the studio as well.
      onKeyDown={(event) => event.key === 'Escape' && event.stopPropagation()}
    />
  );
}

/** The one that was chosen, else the first. A list that has just come takes no key for a moment; the line stays then, too. */
function takeSuggestion(view: EditorView): boolean {
  if (completionStatus(view.state) !== 'active') return false;
  if (!acceptCompletion(view) && moveCompletionSelection(true)(view)) acceptCompletion(view);
  return true;
}

const noHelp: LanguageHelp = {
  completions: async () => null,
  hover: async () => null,
  format: async () => null,
};

const readOnly = new Compartment();
const name = new Compartment();

function done(run: () => void): true {
  run();
  return true;
}
