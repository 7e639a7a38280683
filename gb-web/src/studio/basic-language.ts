import { HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { tags } from '@lezer/highlight';
import { initialLineState, type LineState, type LineToken, tokenizeLine } from 'gb-vm/compiler';

interface State {
  line: LineState;
  tokens: LineToken[];
}

/** The editor's colours come from the compiler's own tokenizer, so what looks like a keyword is one. */
export const basic = StreamLanguage.define<State>({
  name: 'basic',
  startState: () => ({ line: initialLineState, tokens: [] }),
  copyState: (state) => ({ line: state.line, tokens: state.tokens }),
  token(stream, state) {
    if (stream.sol()) {
      const { tokens, state: next } = tokenizeLine(stream.string, state.line);
      state.tokens = tokens;
      state.line = next;
    }
    const token = state.tokens.find(({ end }) => end > stream.pos);
    if (!token) {
      stream.skipToEnd();
      return null;
    }
    if (stream.pos < token.start) {
      stream.pos = token.start;
      return null;
    }
    stream.pos = token.end;
    return token.class;
  },
  languageData: { commentTokens: { line: "'" } },
  tokenTable: {
    keyword: tags.keyword,
    string: tags.string,
    number: tags.number,
    comment: tags.comment,
    identifier: tags.variableName,
    operator: tags.operator,
    builtin: tags.standard(tags.function(tags.variableName)),
  },
});

export const basicColours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.keyword, color: 'var(--code-keyword)', fontWeight: '600' },
    { tag: tags.string, color: 'var(--code-string)' },
    { tag: tags.number, color: 'var(--code-number)' },
    { tag: tags.comment, color: 'var(--text-soft)', fontStyle: 'italic' },
    { tag: tags.standard(tags.function(tags.variableName)), color: 'var(--code-builtin)' },
    { tag: tags.operator, color: 'var(--text-soft)' },
  ]),
);
