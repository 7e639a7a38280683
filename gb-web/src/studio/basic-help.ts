import { type Completion, type CompletionContext, type CompletionResult, snippet } from '@codemirror/autocomplete';
import { type EditorView, hoverTooltip, type Tooltip } from '@codemirror/view';
import type { Locale } from 'gb-protocol';
import { language } from 'gb-vm/compiler';

/** What the compiler knows about the text in the editor; null when it cannot be asked any more. */
export interface LanguageHelp {
  completions(text: string, offset: number): Promise<language.CompletionList | null>;
  hover(text: string, offset: number): Promise<language.Hover | null>;
  format(text: string): Promise<readonly language.LineEdit[] | null>;
}

/** Asked each time, since another file has another help. */
export type CurrentHelp = () => LanguageHelp;

const word = /[\p{L}_][\p{L}\p{N}_]*\$?/u;

/** Completion of what can stand at the caret, each explained beside the list. */
export function basicCompletion(locale: Locale, help: CurrentHelp) {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const { pos, state } = context;
    const isAsked = context.explicit || context.matchBefore(word) !== null || /[."]/.test(state.sliceDoc(pos - 1, pos));
    const found = isAsked ? await help().completions(state.doc.toString(), pos) : null;
    if (!found || context.aborted || found.items.length === 0) return null;
    const options = found.items.map((item) => completion(item, locale));
    return { from: found.from, to: found.to, options, validFor: /^[\p{L}\p{N}_$.-]*$/u };
  };
}

function completion({ label, kind, detail, insert, isSnippet, rank, keyword }: language.Completion, locale: Locale): Completion {
  return {
    label,
    boost: 2 - rank,
    ...(keyword ? { info: () => explain(language.documentationOf(keyword, locale), null) } : {}),
    ...(!keyword && detail && kind !== 'snippet' ? { detail } : {}),
    // Where the caret ends is called 0 by the protocol of editors, and has no name here.
    apply: isSnippet ? snippet(insert.replace('$0', '${}')) : insert,
  };
}

export function basicHover(insertLabel: string, help: CurrentHelp) {
  return hoverTooltip(async (view, position): Promise<Tooltip | null> => {
    const { doc } = view.state;
    const found = await help().hover(doc.toString(), position);
    if (!found || view.state.doc !== doc) return null;
    const { from, to, documentation } = found;
    const insert = view.state.readOnly ? null : { view, label: insertLabel };
    return { pos: from, end: to, above: true, create: () => ({ dom: explain(documentation, insert) }) };
  });
}

/** Lays the text out, unless it was changed before the answer came. */
export async function formatText(view: EditorView, help: LanguageHelp): Promise<void> {
  const { doc, readOnly } = view.state;
  const edits = readOnly ? null : await help.format(doc.toString());
  if (!edits || view.state.doc !== doc) return;
  const changes = edits
    .filter(({ line }) => line < doc.lines)
    .map(({ line, text }) => {
      const { from, to } = doc.line(line + 1);
      return { from, to, insert: text };
    });
  view.dispatch({ changes, userEvent: 'format' });
}

function explain(
  { parts, example }: language.Documentation,
  insert: { readonly view: EditorView; readonly label: string } | null,
): HTMLElement {
  const box = document.createElement('div');
  box.className = 'cm-help';
  for (const [index, { kind, text }] of parts.entries())
    box.appendChild(document.createElement(kind === 'text' ? 'p' : index === 0 ? 'code' : 'pre')).textContent = text;
  if (insert && example !== null) {
    const button = box.appendChild(document.createElement('button'));
    button.type = 'button';
    button.textContent = insert.label;
    button.onclick = () => insertExample(insert.view, example);
  }
  return box;
}

/** On lines of its own, below the one the caret is in. */
function insertExample(view: EditorView, example: string): void {
  const line = view.state.doc.lineAt(view.state.selection.main.head);
  const indent = /^\s*/.exec(line.text)?.[0] ?? '';
  const insert = `\n${example
    .split('\n')
    .map((row) => indent + row)
    .join('\n')}`;
  view.dispatch({ changes: { from: line.to, insert }, selection: { anchor: line.to + insert.length }, scrollIntoView: true });
  view.focus();
}
