import { setImmediate as afterOthers } from 'node:timers/promises';
import { keywords, type Locale, language, type Profile } from 'gb-vm/compiler';
import {
  type CancellationToken,
  type CompletionItem,
  type Connection,
  DidChangeWatchedFilesNotification,
  DocumentHighlightKind,
  FoldingRangeKind,
  type InitializeParams,
  type InitializeResult,
  InsertTextFormat,
  LSPErrorCodes,
  MarkupKind,
  type Position,
  ResponseError,
  TextDocumentSyncKind,
  TextDocuments,
  type TextEdit,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Folders, type Place } from './folders.ts';
import { completionKinds, documentSymbol, protocolDiagnostic, rangeOf, semanticData, semanticLegend } from './shapes.ts';

export interface ServerChoices {
  readonly profile: Profile;
  /** null: the language of the editor. */
  readonly locale: Locale | null;
}

/** Diagnostics come a breath after the last key. */
const restMs = 150;

/**
 * Serves one editor. Every answer is worked out from the texts as they are when it is asked for; requests that the
 * editor takes back are not worked out. A request that fails is answered with an error, and the server goes on.
 */
export function startLanguageServer(connection: Connection, { profile, locale }: ServerChoices): void {
  const documents = new TextDocuments(TextDocument);
  const folders = new Folders(documents, profile);
  const published = new Map<string, Set<string>>();
  const timers = new Map<string, NodeJS.Timeout>();
  let client: InitializeParams['capabilities'] = {};

  connection.onInitialize(({ capabilities, locale: given }): InitializeResult => {
    client = capabilities;
    folders.locale = locale ?? (given?.toLowerCase().startsWith('pt') ? 'pt-BR' : 'en');
    return {
      serverInfo: { name: 'gb basic' },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: false },
        ...(profile === 'bot' ? features : {}),
      },
    };
  });
  connection.onInitialized(() => {
    if (client.workspace?.didChangeWatchedFiles?.dynamicRegistration !== true) return;
    const watchers = [{ globPattern: '**/*.[bB][aA][sS]' }];
    // An editor that refuses is one without watching: changes on disk are then seen at the next key.
    connection.client.register(DidChangeWatchedFilesNotification.type, { watchers }).catch(() => {});
  });

  const diagnose = (uri: string): void => {
    timers.delete(uri);
    const document = documents.get(uri);
    if (!document) return;
    const found = folders.diagnostics(document);
    for (const [about, diagnostics] of found) {
      const version = documents.get(about)?.version;
      const list = diagnostics.map(protocolDiagnostic);
      void connection.sendDiagnostics({ uri: about, ...(version === undefined ? {} : { version }), diagnostics: list });
    }
    const before = published.get(uri) ?? new Set();
    published.set(uri, new Set(found.keys()));
    for (const about of before) if (!found.has(about)) forget(about);
  };
  /** Takes back what was said about a script, unless it belongs to something else that is open. */
  const forget = (about: string): void => {
    if ([...published.values()].some((uris) => uris.has(about))) return;
    void connection.sendDiagnostics({ uri: about, diagnostics: [] });
  };
  const diagnoseSoon = (uri: string): void => {
    clearTimeout(timers.get(uri));
    timers.set(
      uri,
      setTimeout(() => diagnose(uri), restMs),
    );
  };
  const diagnoseAllSoon = (): void => {
    for (const { uri } of documents.all()) diagnoseSoon(uri);
  };

  documents.onDidChangeContent(({ document }) => {
    folders.onChange(document.uri);
    // What is said of one script may depend on the others.
    diagnoseAllSoon();
  });
  documents.onDidClose(({ document: { uri } }) => {
    folders.onClose(uri);
    clearTimeout(timers.get(uri));
    timers.delete(uri);
    const before = published.get(uri) ?? new Set();
    published.delete(uri);
    for (const about of before) forget(about);
    diagnoseAllSoon();
  });
  connection.onDidChangeWatchedFiles(() => {
    folders.onFilesChanged();
    diagnoseAllSoon();
  });
  connection.onShutdown(() => {
    for (const timer of timers.values()) clearTimeout(timer);
    timers.clear();
  });

  /** Works out an answer about a document, after whatever else the editor has sent: that may take it back or change the text. */
  const about = async <T>(
    uri: string,
    token: CancellationToken,
    none: T,
    answer: (place: Place, document: TextDocument) => T,
  ): Promise<T> => {
    await afterOthers();
    if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'taken back');
    const document = documents.get(uri);
    const place = document ? folders.place(document) : null;
    return document && place ? answer(place, document) : none;
  };
  const at = <T>(
    params: { textDocument: { uri: string }; position: Position },
    token: CancellationToken,
    none: T,
    answer: (place: Place, offset: number) => T,
  ): Promise<T> =>
    about(params.textDocument.uri, token, none, (place, document) => answer(place, document.offsetAt(params.position)));
  const locations = (place: Place, stretches: readonly language.Stretch[]) =>
    stretches.map(({ file, from, to }) => ({ uri: place.uriOf(file), range: rangeOf(place.analysis, file, from, to) }));

  connection.onCompletion((params, token) =>
    at(params, token, [], (place, offset) => {
      const { from, to, items } = language.completions(place.analysis, place.name, offset);
      const range = rangeOf(place.analysis, place.name, from, to);
      const takesSnippets = client.textDocument?.completion?.completionItem?.snippetSupport === true;
      return items
        .filter(({ kind }) => takesSnippets || kind !== 'snippet')
        .map((item, index): CompletionItem => completionItem(item, index, range, takesSnippets));
    }),
  );
  connection.onCompletionResolve((item): CompletionItem => {
    const keyword = typeof item.data === 'string' ? keywordsById.get(item.data) : undefined;
    if (!keyword) return item;
    const value = language.toMarkdown(language.documentationOf(keyword, folders.locale));
    return { ...item, documentation: { kind: MarkupKind.Markdown, value } };
  });
  connection.onHover((params, token) =>
    at(params, token, null, (place, offset) => {
      const found = language.hover(place.analysis, place.name, offset);
      if (!found) return null;
      const contents = { kind: MarkupKind.Markdown, value: language.toMarkdown(found.documentation) };
      return { contents, range: rangeOf(place.analysis, place.name, found.from, found.to) };
    }),
  );
  connection.onSignatureHelp((params, token) =>
    at(params, token, null, (place, offset) => {
      const found = language.signature(place.analysis, place.name, offset);
      if (!found) return null;
      const { label, parameters, active, keyword } = found;
      const documentation = keyword
        ? language.documentationOf(keyword, folders.locale).parts.find(({ kind }) => kind === 'text')?.text
        : undefined;
      const shown = parameters.map(([from, to]) => ({ label: [from, to] as [number, number] }));
      // Behind the last value there is none to point at.
      const activeParameter = active ?? parameters.length;
      return {
        signatures: [{ label, parameters: shown, ...(documentation ? { documentation } : {}) }],
        activeSignature: 0,
        activeParameter,
      };
    }),
  );
  connection.onDefinition((params, token) =>
    at(params, token, [], (place, offset) => locations(place, language.definition(place.analysis, place.name, offset))),
  );
  connection.onReferences((params, token) =>
    at(params, token, [], (place, offset) =>
      locations(place, language.references(place.analysis, place.name, offset, params.context.includeDeclaration)),
    ),
  );
  connection.onDocumentHighlight((params, token) =>
    at(params, token, [], (place, offset) =>
      language.highlights(place.analysis, place.name, offset).map(({ file, from, to, isWrite }) => ({
        range: rangeOf(place.analysis, file, from, to),
        kind: isWrite ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
      })),
    ),
  );
  connection.onPrepareRename((params, token) =>
    at(params, token, null, (place, offset) => {
      const found = language.renamable(place.analysis, place.name, offset);
      return found && { range: rangeOf(place.analysis, place.name, found.from, found.to), placeholder: found.name };
    }),
  );
  connection.onRenameRequest((params, token) =>
    at(params, token, null, (place, offset) => {
      const done = language.rename(place.analysis, place.name, offset, params.newName);
      if ('problem' in done) throw new ResponseError(LSPErrorCodes.RequestFailed, done.problem);
      if (done.note) void connection.window.showInformationMessage(done.note);
      const changes: Record<string, TextEdit[]> = {};
      for (const { file, from, to, text } of done.edits)
        (changes[place.uriOf(file)] ??= []).push({ range: rangeOf(place.analysis, file, from, to), newText: text });
      return { changes };
    }),
  );
  connection.onDocumentSymbol((params, token) =>
    about(params.textDocument.uri, token, [], ({ analysis, name }) =>
      language.outline(analysis, name).map((entry) => documentSymbol(analysis, name, entry)),
    ),
  );
  connection.onDocumentFormatting((params, token) =>
    about(params.textDocument.uri, token, [], ({ analysis, name }) => {
      const lines = (analysis.script(name)?.text ?? '').split(/\r\n?|\n/);
      return language.formatEdits(analysis, name).map(({ line, text }) => ({
        range: { start: { line, character: 0 }, end: { line, character: lines[line]?.length ?? 0 } },
        newText: text,
      }));
    }),
  );
  connection.onFoldingRanges((params, token) =>
    about(params.textDocument.uri, token, [], ({ analysis, name }) =>
      language.folding(analysis, name).map(({ fromLine, toLine, kind }) => ({
        startLine: fromLine - 1,
        endLine: toLine - 1,
        ...(kind === 'remarks' ? { kind: FoldingRangeKind.Comment } : {}),
      })),
    ),
  );
  connection.languages.semanticTokens.on((params, token) =>
    about(params.textDocument.uri, token, { data: [] }, ({ analysis, name }) => ({
      data: semanticData(language.semanticTokens(analysis, name)),
    })),
  );

  documents.listen(connection);
  connection.listen();
}

const features: InitializeResult['capabilities'] = {
  completionProvider: { triggerCharacters: ['.', '"'], resolveProvider: true },
  hoverProvider: true,
  signatureHelpProvider: { triggerCharacters: ['(', ',', ' '] },
  definitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  renameProvider: { prepareProvider: true },
  documentSymbolProvider: true,
  documentFormattingProvider: true,
  foldingRangeProvider: true,
  semanticTokensProvider: { legend: { tokenTypes: [...semanticLegend.tokenTypes], tokenModifiers: [] }, full: true },
};

/** A word may be two things, like the statement and the function DATE. */
const keywordsById = new Map(keywords.map((keyword) => [`${keyword.kind} ${keyword.name}`, keyword]));

function completionItem(
  { label, kind, detail, insert, isSnippet, rank, keyword }: language.Completion,
  index: number,
  range: TextEdit['range'],
  takesSnippets: boolean,
): CompletionItem {
  return {
    label,
    kind: completionKinds[kind],
    ...(detail ? { detail } : {}),
    sortText: `${rank}${String(index).padStart(5, '0')}`,
    textEdit: { range, newText: isSnippet && !takesSnippets ? label : insert },
    insertTextFormat: isSnippet && takesSnippets ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
    ...(keyword ? { data: `${keyword.kind} ${keyword.name}` } : {}),
  };
}
