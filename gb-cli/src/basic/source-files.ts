import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { decodeText } from 'gb-vm/package';
import { UsageError } from './command-line.ts';

/** A script as read from disk: where it is, and its text with `\n` line ends. */
export interface ScriptOnDisk {
  readonly path: string;
  readonly name: string;
  readonly text: string;
}

/** Larger files are no scripts; the compiler's own limit, in characters, is far below. */
const fileBytesMax = 16 * 1024 * 1024;
const foldersDeepMax = 32;

export function readScript(path: string): ScriptOnDisk {
  if (statSync(path).size > fileBytesMax)
    throw new UsageError(`${path} is larger than ${fileBytesMax} bytes; that is no script.`);
  return { path, name: basename(path), text: decodeScript(readFileSync(path), path) };
}

/** The folder's other scripts, which INCLUDE may name; not those of folders below it, and not what is no readable text. */
export function siblingsOf(path: string): ScriptOnDisk[] {
  const folder = dirname(path);
  return findFiles(folder, scriptEnding, { isDeep: false })
    .filter((sibling) => basename(sibling) !== basename(path))
    .flatMap((sibling) => {
      try {
        return [readScript(sibling)];
      } catch (error) {
        if (error instanceof UsageError) return []; // its own fault, and told when it is its turn
        throw error;
      }
    });
}

export const scriptEnding = '.bas';

export interface FindOptions {
  /** Also in the folders below. */
  readonly isDeep: boolean;
}

/** The files of a folder with this ending in any case, in the order of their paths; hidden folders and installed packages are left out. */
export function findFiles(folder: string, ending: string, options: FindOptions = { isDeep: true }, depth = 0): string[] {
  if (depth > foldersDeepMax) return [];
  return entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return entry.name.toLowerCase().endsWith(ending) ? [path] : [];
    const isWanted = entry.isDirectory() && options.isDeep && entry.name !== 'node_modules' && !entry.name.startsWith('.');
    return isWanted ? findFiles(path, ending, options, depth + 1) : [];
  });
}

export function isFolder(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new UsageError(`There is no ${path}.`);
  return found.isDirectory();
}

function entriesOf(folder: string): Dirent[] {
  return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * UTF-8 where that is possible, UTF-16 where a byte order mark says so, else Windows-1252, which old listings are in.
 * Line ends become `\n`, whichever they were; the Ctrl-Z with which DOS ended files goes.
 */
export function decodeScript(bytes: Uint8Array, path: string): string {
  // BASIC interpreters for the PC saved listings in a packed form unless they were asked for text.
  if (bytes[0] === 0xff && bytes[1] !== 0xfe)
    throw new UsageError(`${path} is a packed listing; save it as text first, with SAVE "name",A.`);
  return decodeText(bytes);
}
