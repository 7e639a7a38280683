import { type Completion, type CompletionContext, type CompletionResult, snippet } from '@codemirror/autocomplete';
import type { Text } from '@codemirror/state';
import { type EditorView, hoverTooltip, type Tooltip } from '@codemirror/view';
import type { Locale } from 'gb-protocol';
import { initialLineState, type Keyword, keywords, tokenizeLine } from 'gb-vm/compiler';

const byName = new Map(keywords.map((keyword) => [keyword.name, keyword]));

/** Completion of keywords, functions and the names used in the file, each explained beside the list. */
export function basicCompletion(locale: Locale) {
  const known = keywords.map(
    (keyword): Completion => ({
      label: keyword.name,
      type:
        keyword.kind === 'function'
          ? 'function'
          : keyword.kind === 'constant'
            ? 'constant'
            : keyword.kind === 'type'
              ? 'type'
              : 'keyword',
      info: () => explain(keyword, locale, null),
      ...(keyword.kind === 'function' ? { apply: snippet(`${keyword.name}(\${})`) } : {}),
    }),
  );
  return (context: CompletionContext): CompletionResult | null => {
    const word = context.matchBefore(/[A-Za-z_\u00c0-\uffff][\w\u00c0-\uffff]*/);
    if (!word && !context.explicit) return null;
    const names = namesIn(context.state.doc, word?.from ?? -1).map(
      (label): Completion => ({ label, type: 'variable', boost: 1 }),
    );
    return { from: word?.from ?? context.pos, options: [...known, ...names], validFor: /^[\w\u00c0-\uffff]*$/ };
  };
}

/** Variables and procedures used in the file, without the words of its texts and remarks. */
function namesIn(doc: Text, except: number): string[] {
  const used = new Map<string, string>();
  let state = initialLineState;
  let at = 0;
  for (const line of doc.iterLines()) {
    const { tokens, state: next } = tokenizeLine(line, state);
    for (const { start, end, class: kind } of tokens) {
      const name = line.slice(start, end);
      if (kind === 'identifier' && end - start > 1 && at + start !== except) used.set(name.toUpperCase(), name);
    }
    state = next;
    at += line.length + 1;
  }
  return [...used.values()];
}

export function basicHover(locale: Locale, insertLabel: string) {
  return hoverTooltip((view, position): Tooltip | null => {
    const line = view.state.doc.lineAt(position);
    for (const match of line.text.matchAll(/[A-Za-z_][\w]*/g)) {
      const from = line.from + match.index;
      const to = from + match[0].length;
      if (position < from || position > to) continue;
      const next = /^\s+([A-Za-z]+)/.exec(line.text.slice(match.index + match[0].length))?.[1];
      const keyword = (next ? byName.get(`${match[0]} ${next}`.toUpperCase()) : undefined) ?? byName.get(match[0].toUpperCase());
      if (!keyword) return null;
      return {
        pos: from,
        end: to,
        above: true,
        create: () => ({ dom: explain(keyword, locale, view.state.readOnly ? null : { view, label: insertLabel }) }),
      };
    }
    return null;
  });
}

function explain(keyword: Keyword, locale: Locale, insert: { view: EditorView; label: string } | null): HTMLElement {
  const box = document.createElement('div');
  box.className = 'cm-help';
  const syntax = box.appendChild(document.createElement('code'));
  syntax.textContent = keyword.syntax;
  const summary = box.appendChild(document.createElement('p'));
  summary.textContent = locale === 'pt-BR' ? keyword.summary.pt : keyword.summary.en;
  const example = box.appendChild(document.createElement('pre'));
  example.textContent = keyword.example;
  if (insert) {
    const button = box.appendChild(document.createElement('button'));
    button.type = 'button';
    button.textContent = insert.label;
    button.onclick = () => insertExample(insert.view, keyword.example);
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
