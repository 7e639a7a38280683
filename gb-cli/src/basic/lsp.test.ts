import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { Editor } from './lsp/testing.ts';
import { folderOf, gb } from './testing.ts';

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const done of cleanUp.splice(0)) done();
});

function editor(...args: string[]): Editor {
  const made = new Editor(args);
  cleanUp.push(() => made.kill());
  return made;
}

function folder(files: Readonly<Record<string, string>>): { readonly path: string; uri(name: string): string } {
  const { path, dispose } = folderOf(files);
  cleanUp.push(dispose);
  return { path, uri: (name) => pathToFileURL(join(path, name)).href };
}

interface Published {
  readonly uri: string;
  readonly diagnostics: readonly { readonly code: string; readonly message: string; readonly range: object }[];
}
interface Item {
  readonly label: string;
  readonly textEdit: { readonly range: object; readonly newText: string };
  readonly data?: string;
  readonly documentation?: { readonly value: string };
}

const range = (line: number, from: number, to: number) => ({ start: { line, character: from }, end: { line, character: to } });

test('a session: open, change, complete, hover, rename over two files, format, and a clean end', async () => {
  const on = folder({ 'prices.bas': 'SUB showPrice(item)\n  TALK item\nEND SUB\n' });
  const start = on.uri('start.bas');
  const ed = editor();
  const { capabilities } = await ed.start({ locale: 'en-US' });
  expect(capabilities).toMatchObject({ hoverProvider: true, renameProvider: { prepareProvider: true } });

  ed.open(start, 'INCLUDE "prices.bas"\ntotal = 1\nTALK "é ${tota\n');
  const first = await ed.hear<Published>('textDocument/publishDiagnostics', ({ uri }) => uri === start);
  expect(first.diagnostics.map(({ code }) => code)).toContain('unterminated_interpolation');

  // The text is completed by pieces, as somebody types.
  ed.change(start, 2, range(2, 14, 14), 'l');
  const items = (await ed.ask('textDocument/completion', {
    textDocument: { uri: start },
    position: { line: 2, character: 15 },
  })) as Item[];
  expect(items.find(({ label }) => label === 'total')?.textEdit).toEqual({ range: range(2, 10, 15), newText: 'total' });
  ed.change(start, 3, range(2, 15, 15), '}"\nCALL showprice(total)\nif total>1 then\ntalk len("x")\nend if');
  const mended = await ed.hear<Published>(
    'textDocument/publishDiagnostics',
    ({ uri, diagnostics }) => uri === start && diagnostics.length === 0,
  );
  expect(mended.diagnostics).toEqual([]);

  const hover = (await ed.ask('textDocument/hover', { textDocument: { uri: start }, position: { line: 5, character: 7 } })) as {
    contents: { value: string };
    range: object;
  };
  expect(hover.range).toEqual(range(5, 5, 8));
  expect(hover.contents.value).toContain('LEN(value)');

  const renamed = (await ed.ask('textDocument/rename', {
    textDocument: { uri: start },
    position: { line: 3, character: 6 },
    newName: 'sayPrice',
  })) as { changes: Record<string, { range: object; newText: string }[]> };
  expect(renamed.changes).toEqual({
    [start]: [{ range: range(3, 5, 14), newText: 'sayPrice' }],
    [on.uri('prices.bas')]: [{ range: range(0, 4, 13), newText: 'sayPrice' }],
  });
  await expect(
    ed.ask('textDocument/rename', { textDocument: { uri: start }, position: { line: 3, character: 6 }, newName: 'TALK' }),
  ).rejects.toThrow('"TALK" is a word of the language');

  const edits = (await ed.ask('textDocument/formatting', {
    textDocument: { uri: start },
    options: { tabSize: 8, insertSpaces: true },
  })) as { range: object; newText: string }[];
  expect(edits).toEqual([
    { range: range(4, 0, 15), newText: 'IF total > 1 THEN' },
    { range: range(5, 0, 13), newText: '  TALK LEN("x")' },
    { range: range(6, 0, 6), newText: 'END IF' },
  ]);
  expect(await ed.quit()).toBe(0);
});

test('definition, references, highlights, symbols, folds, signatures and colours', async () => {
  const on = folder({});
  const uri = on.uri('start.bas');
  const ed = editor();
  await ed.start();
  ed.open(uri, 'greet "Ana"\nagain:\nGOTO again\nSUB greet(who)\n  TALK who\nEND SUB\n');
  const at = (line: number, character: number) => ({ textDocument: { uri }, position: { line, character } });
  expect(await ed.ask('textDocument/definition', at(0, 2))).toEqual([{ uri, range: range(3, 4, 9) }]);
  expect(await ed.ask('textDocument/references', { ...at(2, 6), context: { includeDeclaration: true } })).toHaveLength(2);
  expect(await ed.ask('textDocument/documentHighlight', at(4, 8))).toEqual([
    { range: range(3, 10, 13), kind: 3 },
    { range: range(4, 7, 10), kind: 2 },
  ]);
  expect(await ed.ask('textDocument/prepareRename', at(4, 8))).toEqual({ range: range(4, 7, 10), placeholder: 'who' });
  expect(await ed.ask('textDocument/documentSymbol', { textDocument: { uri } })).toMatchObject([
    { name: 'again' },
    { name: 'greet', detail: '(who)', selectionRange: range(3, 4, 9) },
  ]);
  expect(await ed.ask('textDocument/foldingRange', { textDocument: { uri } })).toEqual([{ startLine: 3, endLine: 4 }]);
  expect(await ed.ask('textDocument/signatureHelp', at(0, 6))).toBeNull();
  ed.change(uri, 2, range(0, 0, 11), 'greet(');
  expect(await ed.ask('textDocument/signatureHelp', at(0, 6))).toMatchObject({
    signatures: [{ label: 'greet(who)', parameters: [{ label: [6, 9] }] }],
    activeParameter: 0,
  });
  const { data } = (await ed.ask('textDocument/semanticTokens/full', { textDocument: { uri } })) as { data: number[] };
  expect(data.slice(0, 5)).toEqual([0, 0, 5, 7, 0]);
  expect(await ed.quit()).toBe(0);
});

test('the language of the editor is the language of the help', async () => {
  const uri = folder({}).uri('a.bas');
  const ed = editor();
  await ed.start({ locale: 'pt-br' });
  ed.open(uri, 'NEXT\n');
  const { diagnostics } = await ed.hear<Published>('textDocument/publishDiagnostics');
  expect(diagnostics[0]?.message).toMatch(/não|sem|fecha/);
  const items = (await ed.ask('textDocument/completion', {
    textDocument: { uri },
    position: { line: 1, character: 0 },
  })) as Item[];
  const talk = items.find(({ label }) => label === 'TALK')!;
  expect(talk.documentation).toBeUndefined();
  expect(((await ed.ask('completionItem/resolve', talk)) as Item).documentation?.value).toContain('Diz algo');
  await ed.quit();
});

test('a file that changes on disk is read again', async () => {
  const on = folder({ 'other.bas': 'SUB one()\nEND SUB\n' });
  const uri = on.uri('start.bas');
  const ed = editor();
  await ed.start();
  ed.open(uri, 'INCLUDE "other.bas"\nCALL two()\n');
  const wrong = await ed.hear<Published>('textDocument/publishDiagnostics', (one) => one.uri === uri);
  expect(wrong.diagnostics).toHaveLength(1);
  writeFileSync(join(on.path, 'other.bas'), 'SUB two()\n  TALK 2\nEND SUB\n');
  ed.tell('workspace/didChangeWatchedFiles', { changes: [{ uri: on.uri('other.bas'), type: 2 }] });
  const right = await ed.hear<Published>('textDocument/publishDiagnostics', (one) => one.uri === uri);
  expect(right.diagnostics).toEqual([]);
  // What is closed has nothing wrong any more.
  ed.change(uri, 2, range(1, 0, 4), 'CALLL');
  await ed.hear<Published>('textDocument/publishDiagnostics', (one) => one.uri === uri && one.diagnostics.length > 0);
  ed.tell('textDocument/didClose', { textDocument: { uri } });
  await ed.hear<Published>('textDocument/publishDiagnostics', (one) => one.uri === uri && one.diagnostics.length === 0);
  await ed.quit();
});

test('what is taken back is not worked out', async () => {
  const uri = folder({}).uri('a.bas');
  const ed = editor();
  await ed.start();
  ed.open(uri, 'TALK 1\n');
  const { id, result } = ed.request('textDocument/hover', { textDocument: { uri }, position: { line: 0, character: 1 } });
  ed.tell('$/cancelRequest', { id });
  await expect(result).rejects.toMatchObject({ code: -32800 });
  await ed.quit();
});

test('noise, places outside the text, unknown documents and requests do no harm', async () => {
  const uri = 'untitled:Untitled-1';
  const ed = editor();
  await ed.start();
  ed.open(uri, '\0\ud800 BEGIN TALK\n${${"((('.repeat(200));
  for (const [line, character] of [
    [0, 0],
    [3, 5],
    [99999, 99999],
  ])
    for (const method of ['completion', 'hover', 'definition', 'documentHighlight', 'prepareRename', 'signatureHelp'])
      await ed.ask(`textDocument/${method}`, { textDocument: { uri }, position: { line, character } });
  expect(
    await ed.ask('textDocument/hover', { textDocument: { uri: 'file:///no/such.bas' }, position: { line: 0, character: 0 } }),
  ).toBeNull();
  await expect(ed.ask('textDocument/hover', { textDocument: null })).rejects.toThrow();
  await expect(ed.ask('no/such', {})).rejects.toMatchObject({ code: -32601 });
  ed.tell('textDocument/didChange', { textDocument: { uri: 'file:///%zz', version: 1 }, contentChanges: [{ text: 'x' }] });
  ed.open('file:///%zz/%00.bas', 'TALK 1');
  await ed.hear<Published>('textDocument/publishDiagnostics', (one) => one.uri === 'file:///%zz/%00.bas');
  ed.raw('Content-Length: 5\r\n\r\n{{{{{');
  expect(await ed.ask('textDocument/documentSymbol', { textDocument: { uri } })).toBeInstanceOf(Array);
  expect(await ed.quit()).toBe(0);
});

test('scripts of numbered lines get their diagnostics', async () => {
  const uri = folder({}).uri('game.bas');
  const ed = editor('--profile', 'classic');
  expect((await ed.start()).capabilities).not.toHaveProperty('hoverProvider');
  ed.open(uri, '10 PRINT "HI"\n20 GOTO 30\n');
  const { diagnostics } = await ed.hear<Published>('textDocument/publishDiagnostics');
  expect(diagnostics[0]?.range).toMatchObject({ start: { line: 1 } });
  await ed.quit();
});

test('the server ends when the editor is gone', async () => {
  const ended = await gb(['basic', 'lsp'], { input: '' });
  expect(ended.out).toBe('');
});

test('files are not named on the command line', async () => {
  expect(await gb(['basic', 'lsp', 'a.bas'])).toMatchObject({ code: 2, out: '' });
});
