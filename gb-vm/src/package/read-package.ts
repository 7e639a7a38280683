import type { BotPackageFiles, PackageFile, PackageFolder } from 'gb-core';
import { limits, type ScriptFile, scriptKey } from 'gb-protocol';
import { type Locale, sourceCharactersMax } from '../compiler/index.ts';
import { cleanText, decodeText } from './decode.ts';
import { Problems, wholeFile } from './problem.ts';
import { readSettings, type Setting } from './settings.ts';

/** A file as it lies in the package, its path from the package's root with `/` or `\`. */
export type PackageEntry = { readonly path: string } & ({ readonly bytes: Uint8Array } | { readonly text: string });

/**
 * Reads a `.gbai` package. Folders are known by their ending, whatever is before it (`shop.gbdialog`, `.gbkb`), at any
 * depth, also inside another `.gbai`; the outermost one counts, so a `.bas` in a drive is a file for people. Outside of
 * them scripts and `config.csv` are read too, and everything else is left alone. What an operating system or an editor
 * leaves behind (`.DS_Store`, `~$report.xlsx`) is never seen.
 *
 * Nothing here throws for what is in a package: the faults are `problems`, told together, and what was sound is there too.
 */
export function readPackage(entries: readonly PackageEntry[], locale: Locale): BotPackageFiles {
  const reader = new PackageReader(locale);
  if (entries.length > limits.packageFilesMax) {
    reader.problems.error(
      'too_many_files',
      wholeFile(''),
      `A package has at most ${limits.packageFilesMax} files; this one has ${entries.length}.`,
      `Um pacote tem no máximo ${limits.packageFilesMax} arquivos; este tem ${entries.length}.`,
    );
    return reader.conclude();
  }
  for (const entry of entries.toSorted((a, b) => compareText(a.path, b.path))) reader.add(entry);
  return reader.conclude();
}

/** One order on every machine, whatever its language. */
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const fileFolders: Readonly<Record<string, PackageFolder>> = {
  gbkb: 'kb',
  gbdata: 'data',
  gbdrive: 'drive',
  gbtheme: 'theme',
};
/** Of other generations; they mean nothing here, and saying so is better than silence. */
const foreignFolders = new Set(['gbui', 'gbapp', 'gblib']);
const folderEnding = /\.(gbdialog|gbot|gbkb|gbdata|gbdrive|gbtheme|gbui|gbapp|gblib)$/i;
const oldScriptEnding = /\.(?:basic|vbs|vba|vb)$/i;

/** Of a path, in UTF-16 units; also of each of its names. */
const pathCharactersMax = 500;

export const scriptNamePattern = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,60}\.bas$/iu;

class PackageReader {
  readonly problems: Problems;
  readonly #scripts: ScriptFile[] = [];
  readonly #scriptPaths = new Map<string, string>();
  readonly #settings = new Map<string, Setting>();
  readonly #configTexts: string[] = [];
  readonly #files: PackageFile[] = [];
  readonly #filePaths = new Map<string, string>();
  readonly #foreign = new Set<string>();
  #bytes = 0;
  #scriptCharacters = 0;

  constructor(locale: Locale) {
    this.problems = new Problems(locale);
  }

  add(entry: PackageEntry): void {
    const parts = partsOf(entry.path);
    if (isHidden(parts)) return;
    if (!isSound(parts, entry.path)) {
      this.problems.error(
        'bad_path',
        wholeFile(printable(entry.path)),
        'A path in a package has no "..", no control characters, does not begin with "/", and is not too long.',
        'Um caminho em um pacote não tem "..", nem caracteres de controle, não começa com "/" e não é longo demais.',
      );
      return;
    }
    const path = parts.join('/');
    const name = parts.at(-1)!;
    const at = parts.slice(0, -1).findIndex((part) => folderEnding.test(part));
    const folder = at < 0 ? null : folderEnding.exec(parts[at]!)![1]!.toLowerCase();
    const kind = folder === null ? undefined : fileFolders[folder];
    if (kind) this.#addFile(kind, parts.slice(at + 1).join('/'), path, entry);
    else if (folder !== null && foreignFolders.has(folder)) this.#tellForeign(parts.slice(0, at + 1).join('/'));
    else if (folder === 'gbot' || (folder === null && name.toLowerCase() === 'config.csv')) this.#addConfig(name, path, entry);
    else if (name.toLowerCase().endsWith('.bas')) this.#addScript(name, path, entry);
    else if (folder === 'gbdialog' && oldScriptEnding.test(name))
      this.#addScript(name.replace(oldScriptEnding, '.bas'), path, entry);
    else if (folder === 'gbdialog' && /\.docx?$/i.test(name))
      this.problems.warning(
        'script_not_text',
        wholeFile(path),
        'A script in a Word document is not read; save it as a text file that ends in .bas.',
        'Um roteiro em um documento do Word não é lido; salve-o como arquivo de texto que termine em .bas.',
      );
  }

  conclude(): BotPackageFiles {
    if (this.#scripts.length === 0 && !this.problems.hasErrors)
      this.problems.error('no_scripts', wholeFile(''), 'There is no .bas file.', 'Não há nenhum arquivo .bas.');
    if (this.#scripts.length > limits.scriptsPerBotMax)
      this.problems.error(
        'too_many_scripts',
        wholeFile(''),
        `A bot has at most ${limits.scriptsPerBotMax} scripts; this one has ${this.#scripts.length}.`,
        `Um robô tem no máximo ${limits.scriptsPerBotMax} roteiros; este tem ${this.#scripts.length}.`,
      );
    if (this.#scriptCharacters > sourceCharactersMax)
      this.problems.error(
        'package_too_large',
        wholeFile(''),
        `All scripts of a bot together have at most ${sourceCharactersMax} characters.`,
        `Todos os roteiros de um robô juntos têm no máximo ${sourceCharactersMax} caracteres.`,
      );
    return {
      scripts: this.#scripts,
      settings: Object.fromEntries([...this.#settings].map(([name, { value }]) => [name, value])),
      configText: this.#configTexts.length === 0 ? null : this.#configTexts.join('\n'),
      files: this.#files,
      problems: this.problems.list,
    };
  }

  #addScript(name: string, path: string, entry: PackageEntry): void {
    const place = wholeFile(path);
    const earlier = this.#scriptPaths.get(scriptKey(name));
    if (earlier !== undefined) {
      this.problems.error(
        'two_scripts',
        place,
        `${earlier} has the same name, so nobody could tell which one is meant.`,
        `${earlier} tem o mesmo nome, e ninguém saberia qual dos dois é o certo.`,
      );
      return;
    }
    this.#scriptPaths.set(scriptKey(name), path);
    if (!scriptNamePattern.test(name)) {
      this.problems.error(
        'bad_script_name',
        place,
        'A script is named like start.bas: letters, digits, blanks, dots, dashes, and at most 61 characters before the ending.',
        'Um roteiro tem um nome como start.bas: letras, dígitos, espaços, pontos, traços, e no máximo 61 caracteres antes do final.',
      );
      return;
    }
    if (!this.#fits(entry, path, limits.scriptBytesMax)) return;
    const text = textOf(entry);
    if (text.includes('\0') || !text.isWellFormed()) {
      this.problems.error('script_not_text', place, 'This is not a text.', 'Isto não é um texto.');
      return;
    }
    this.#scriptCharacters += text.length;
    this.#scripts.push({ name, text });
  }

  #addConfig(name: string, path: string, entry: PackageEntry): void {
    if (name.toLowerCase() === 'config.xlsx')
      this.problems.warning(
        'config_not_read',
        wholeFile(path),
        'Settings are read from config.csv; save this sheet as CSV.',
        'As configurações são lidas de config.csv; salve esta planilha como CSV.',
      );
    if (name.toLowerCase() !== 'config.csv' || !this.#fits(entry, path, limits.scriptBytesMax)) return;
    const text = textOf(entry);
    this.#configTexts.push(text);
    for (const [key, setting] of readSettings(text, path, this.problems)) this.#settings.set(key, setting);
  }

  #addFile(folder: PackageFolder, path: string, whole: string, entry: PackageEntry): void {
    const key = `${folder}/${path.toLowerCase()}`;
    const earlier = this.#filePaths.get(key);
    if (earlier !== undefined) {
      this.problems.error(
        'two_files',
        wholeFile(whole),
        `${earlier} would be the same file of the bot.`,
        `${earlier} seria o mesmo arquivo do robô.`,
      );
      return;
    }
    this.#filePaths.set(key, whole);
    if (!this.#fits(entry, whole, limits.fileBytesMax)) return;
    this.#files.push({ folder, path, bytes: 'bytes' in entry ? entry.bytes : new TextEncoder().encode(entry.text) });
  }

  /** Once for each folder, however many files it has. */
  #tellForeign(path: string): void {
    if (this.#foreign.has(path)) return;
    this.#foreign.add(path);
    this.problems.warning(
      'folder_not_read',
      wholeFile(path),
      'Folders of this kind are not read.',
      'Pastas deste tipo não são lidas.',
    );
  }

  #fits(entry: PackageEntry, path: string, bytesMax: number): boolean {
    const size = 'bytes' in entry ? entry.bytes.length : entry.text.length;
    if (size > bytesMax)
      this.problems.error(
        'file_too_large',
        wholeFile(path),
        `This file has ${size} bytes; ${bytesMax} is the most.`,
        `Este arquivo tem ${size} bytes; o máximo é ${bytesMax}.`,
      );
    const before = this.#bytes;
    this.#bytes += size;
    if (before <= limits.packageBytesMax && this.#bytes > limits.packageBytesMax)
      this.problems.error(
        'package_too_large',
        wholeFile(path),
        `The files of a package have at most ${limits.packageBytesMax} bytes together.`,
        `Os arquivos de um pacote têm no máximo ${limits.packageBytesMax} bytes juntos.`,
      );
    return size <= bytesMax && this.#bytes <= limits.packageBytesMax;
  }
}

function partsOf(path: string): string[] {
  return path
    .normalize('NFC')
    .split(/[/\\]/)
    .filter((part) => part !== '' && part !== '.');
}

/** Folders of ours may begin with a dot, as `.gbkb`. */
function isHidden(parts: readonly string[]): boolean {
  return parts.some((part, index) => {
    const isFolder = index < parts.length - 1;
    if (part === '..') return false;
    if (part.startsWith('.')) return !isFolder || !(folderEnding.test(part) || part.toLowerCase() === '.gbai');
    if (isFolder) return part === '__MACOSX' || part === 'node_modules';
    return part.startsWith('~$') || /^(?:thumbs\.db|desktop\.ini)$/i.test(part);
  });
}

function isSound(parts: readonly string[], path: string): boolean {
  if (parts.length === 0 || path.length > pathCharactersMax || !path.isWellFormed()) return false;
  if (/^[/\\]|^[a-z]:/i.test(path)) return false;
  return parts.every((part) => part !== '..' && part.length <= limits.fileNameMax && !/\p{Cc}/u.test(part));
}

const printable = (path: string): string =>
  path
    .toWellFormed()
    .replace(/\p{Cc}/gu, '\u{fffd}')
    .slice(0, pathCharactersMax);

const textOf = (entry: PackageEntry): string => ('bytes' in entry ? decodeText(entry.bytes) : cleanText(entry.text));
