import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Diagnostic, type Locale, language, type Profile, type SourceText } from 'gb-vm/compiler';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { decodeScript, scriptEnding } from '../source-files.ts';

/** A folder with more text than this is a collection and no program: of it only what is open in the editor is read. */
const folderCharactersMax = 500_000;
const fileBytesMax = 2 * 1024 * 1024;

/** The documents open in the editor; `TextDocuments` of the protocol library is one. */
export interface OpenDocuments {
  all(): readonly TextDocument[];
}

/** A document with what is known about its folder. */
export interface Place {
  readonly analysis: language.Analysis;
  /** What the script is called in the analysis. */
  readonly name: string;
  uriOf(name: string): string;
}

/**
 * The folders of the open documents. The scripts of a folder belong together, as they do when a bot is published; a
 * script that is open counts as it is in the editor, the others as they are on disk.
 */
export class Folders {
  readonly #documents: OpenDocuments;
  readonly #profile: Profile;
  readonly #folders = new Map<string, Folder>();
  locale: Locale = 'en';

  constructor(documents: OpenDocuments, profile: Profile) {
    this.#documents = documents;
    this.#profile = profile;
  }

  /** Where a document stands, for the features of our own dialect; null in the other profiles. */
  place(document: TextDocument): Place | null {
    if (this.#profile !== 'bot') return null;
    const folder = this.#folderOf(document.uri);
    const { analysis, uris } = folder.read(this.locale);
    return { analysis, name: nameOf(document.uri), uriOf: (name) => uris.get(name) ?? document.uri };
  }

  /** What is wrong in a document and in the scripts that make programs with it, by the URI of each of them. */
  diagnostics(document: TextDocument): ReadonlyMap<string, readonly Diagnostic[]> {
    if (this.#profile !== 'bot') {
      const name = nameOf(document.uri);
      return new Map([[document.uri, language.diagnosticsOf({ name, text: document.getText() }, this.locale, this.#profile)]]);
    }
    const { analysis, name, uriOf } = this.place(document)!;
    const script = analysis.script(name);
    const members = new Set((script ? analysis.programsWith(script) : []).flatMap((program) => program.members));
    const all = [...members].flatMap((member) => analysis.programsWith(member));
    const found = distinct([...new Set(all)].flatMap((program) => program.diagnostics(analysis.scripts)));
    return new Map([...members].map((member) => [uriOf(member.name), found.filter(({ file }) => file === member.name)]));
  }

  /** Something of the folder was opened, closed, changed or saved. */
  onChange(uri: string): void {
    this.#folders.get(folderKey(uri))?.onChange();
  }

  /** Files changed that may be in any of them. */
  onFilesChanged(): void {
    for (const folder of this.#folders.values()) folder.onChange();
  }

  /** Folders without an open document are forgotten. */
  onClose(uri: string): void {
    const key = folderKey(uri);
    const isUsed = this.#documents.all().some((document) => document.uri !== uri && folderKey(document.uri) === key);
    if (isUsed) this.onChange(uri);
    else this.#folders.delete(key);
  }

  #folderOf(uri: string): Folder {
    const key = folderKey(uri);
    let folder = this.#folders.get(key);
    if (!folder) this.#folders.set(key, (folder = new Folder(key, this.#documents)));
    return folder;
  }
}

/** What a shared script has wrong is told once. */
function distinct(found: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(found.map((one) => [`${one.file}\n${one.offset}\n${one.code}`, one])).values()];
}

interface Reading {
  readonly analysis: language.Analysis;
  readonly uris: ReadonlyMap<string, string>;
}

interface FileOnDisk {
  readonly text: string;
  readonly bytes: number;
  readonly changedMs: number;
}

class Folder {
  readonly #key: string;
  readonly #documents: OpenDocuments;
  readonly #onDisk = new Map<string, FileOnDisk>();
  #reading: Reading | null = null;
  #isCurrent = false;

  constructor(key: string, documents: OpenDocuments) {
    this.#key = key;
    this.#documents = documents;
  }

  onChange(): void {
    this.#isCurrent = false;
  }

  read(locale: Locale): Reading {
    if (this.#reading && this.#isCurrent && this.#reading.analysis.locale === locale) return this.#reading;
    const texts = new Map<string, string>();
    const uris = new Map<string, string>();
    const open = this.#documents.all().filter(({ uri }) => folderKey(uri) === this.#key);
    for (const document of open) {
      const name = nameOf(document.uri);
      texts.set(name, document.getText());
      uris.set(name, document.uri);
    }
    const path = pathOf(this.#key);
    const others = path === null ? [] : this.#others(path, uris);
    const size = others.reduce((sum, { text }) => sum + text.length, 0);
    for (const { name, text } of size > folderCharactersMax ? [] : others) {
      texts.set(name, text);
      uris.set(name, pathToFileURL(join(path!, name)).href);
    }
    // Always in the same order, so that what did not change is known again.
    const files: SourceText[] = [...texts].map(([name, text]) => ({ name, text })).sort((a, b) => (a.name < b.name ? -1 : 1));
    this.#reading = { analysis: new language.Analysis(files, locale, this.#reading?.analysis), uris };
    this.#isCurrent = true;
    return this.#reading;
  }

  /** The scripts on disk that are not open. A file that cannot be read is left out: it may be gone by now. */
  #others(path: string, open: ReadonlyMap<string, string>): SourceText[] {
    let size = 0;
    return namesIn(path).flatMap((name) => {
      if (open.has(name) || size > folderCharactersMax) return [];
      const text = this.#textOf(join(path, name));
      size += text?.length ?? 0;
      return text === null ? [] : [{ name, text }];
    });
  }

  #textOf(path: string): string | null {
    try {
      const { size: bytes, mtimeMs: changedMs } = statSync(path);
      if (bytes > fileBytesMax) return null;
      const known = this.#onDisk.get(path);
      if (known?.bytes === bytes && known.changedMs === changedMs) return known.text;
      const text = decodeScript(readFileSync(path), path);
      this.#onDisk.set(path, { text, bytes, changedMs });
      return text;
    } catch {
      return null;
    }
  }
}

function namesIn(path: string): string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile() && entry.name.toLowerCase().endsWith(scriptEnding)).map(({ name }) => name);
  } catch {
    return []; // not on disk, or not ours to read
  }
}

/** The folder's URI for files; documents that are no files stand alone. */
function folderKey(uri: string): string {
  const path = pathOf(uri);
  return path === null ? uri : pathToFileURL(dirname(path)).href;
}

function pathOf(uri: string): string | null {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : null;
  } catch {
    return null; // a host or an escape that no path of this system has
  }
}

function nameOf(uri: string): string {
  const path = pathOf(uri);
  return path === null ? uri : basename(path);
}
