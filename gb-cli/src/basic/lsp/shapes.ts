import type { Diagnostic, language } from 'gb-vm/compiler';
import {
  CompletionItemKind,
  DiagnosticSeverity,
  type DocumentSymbol,
  type Position,
  type Diagnostic as ProtocolDiagnostic,
  type Range,
  SymbolKind,
} from 'vscode-languageserver/node';

/** Offsets of a script as the positions of the protocol: line and UTF-16 column from 0. */
function positionOf(analysis: language.Analysis, name: string, offset: number): Position {
  const place = analysis.script(name)?.lines.place(offset) ?? { line: 1, column: 1 };
  return { line: place.line - 1, character: place.column - 1 };
}

export function rangeOf(analysis: language.Analysis, name: string, from: number, to: number): Range {
  return { start: positionOf(analysis, name, from), end: positionOf(analysis, name, to) };
}

export function protocolDiagnostic(found: Diagnostic): ProtocolDiagnostic {
  const { severity, code, line, column, endLine, endColumn, message, hint } = found;
  return {
    range: { start: { line: line - 1, character: column - 1 }, end: { line: endLine - 1, character: endColumn - 1 } },
    severity: severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    code,
    source: 'basic',
    message: hint ? `${message} ${hint}` : message,
  };
}

export const completionKinds: Readonly<Record<language.CompletionKind, CompletionItemKind>> = {
  keyword: CompletionItemKind.Keyword,
  function: CompletionItemKind.Function,
  operation: CompletionItemKind.Event,
  constant: CompletionItemKind.Constant,
  type: CompletionItemKind.TypeParameter,
  variable: CompletionItemKind.Variable,
  procedure: CompletionItemKind.Method,
  label: CompletionItemKind.Reference,
  property: CompletionItemKind.Property,
  table: CompletionItemKind.Struct,
  script: CompletionItemKind.File,
  snippet: CompletionItemKind.Snippet,
};

const symbolKinds: Readonly<Record<language.OutlineKind, SymbolKind>> = {
  sub: SymbolKind.Method,
  function: SymbolKind.Function,
  label: SymbolKind.Key,
  table: SymbolKind.Struct,
  declaration: SymbolKind.Property,
};

export function documentSymbol(analysis: language.Analysis, file: string, entry: language.OutlineEntry): DocumentSymbol {
  const { name, kind, detail, from, to, nameFrom, nameTo, children } = entry;
  return {
    name,
    detail,
    kind: symbolKinds[kind],
    range: rangeOf(analysis, file, from, Math.max(to, nameTo)),
    selectionRange: rangeOf(analysis, file, nameFrom, nameTo),
    children: children.map((child) => documentSymbol(analysis, file, child)),
  };
}

export const semanticLegend = {
  tokenTypes: ['keyword', 'string', 'number', 'comment', 'operator', 'variable', 'parameter', 'function', 'property', 'label'],
  tokenModifiers: [],
} as const satisfies { tokenTypes: readonly language.SemanticClass[]; tokenModifiers: readonly string[] };

/** Five numbers for each token, relative to the one before it, as the protocol wants them. */
export function semanticData(tokens: readonly language.SemanticToken[]): number[] {
  const data: number[] = [];
  let line = 0;
  let column = 0;
  for (const token of tokens) {
    const lines = token.line - line;
    const type = semanticLegend.tokenTypes.indexOf(token.class);
    data.push(lines, lines > 0 ? token.column : token.column - column, token.length, type, 0);
    ({ line, column } = token);
  }
  return data;
}
