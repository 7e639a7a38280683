import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { BotPackageFiles } from 'gb-core';
import { limits, scriptKey } from 'gb-protocol';
import type { Locale } from 'gb-vm/compiler';
import { type PackageEntry, readPackage } from 'gb-vm/package';
import { UsageError } from '../basic/command-line.ts';

const foldersDeepMax = 32;

/** A package as it lies on disk. */
export interface PackageFolder extends BotPackageFiles {
  readonly path: string;
  readonly entries: readonly PackageEntry[];
  /** Where on disk a diagnostic of this package is about: those of scripts name the script, others a path in the package. */
  pathOf(file: string): string;
}

/**
 * Reads a folder as a package. Links are not followed, so nothing from outside of the folder can be sent anywhere by
 * publishing it; hidden folders and installed packages are not looked into.
 */
export function readPackageFolder(path: string, locale: Locale): PackageFolder {
  const entries: PackageEntry[] = [];
  let bytes = 0;
  for (const file of filesOf(path)) {
    bytes += statSync(file).size;
    if (entries.length >= limits.packageFilesMax || bytes > limits.packageBytesMax)
      throw new UsageError(
        `${path} is too large for a package: ${limits.packageFilesMax} files and ${limits.packageBytesMax} bytes are the most.`,
      );
    entries.push({ path: relative(path, file).split(sep).join('/'), bytes: readFileSync(file) });
  }
  const scriptPaths = new Map<string, string>();
  for (const entry of entries) {
    const key = scriptKey(entry.path);
    if (/\.bas$/i.test(entry.path) && !scriptPaths.has(key)) scriptPaths.set(key, entry.path);
  }
  return {
    ...readPackage(entries, locale),
    path,
    entries,
    pathOf: (file) => join(path, file.includes('/') ? file : (scriptPaths.get(scriptKey(file)) ?? file)),
  };
}

/** The files of a folder in the order of their names, as a package has them. */
export function* filesOf(folder: string, depth = 0): Generator<string> {
  if (depth > foldersDeepMax) return;
  const found: Dirent[] = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of found) {
    const path = join(folder, entry.name);
    if (entry.isFile()) yield path;
    const isHidden = entry.name.startsWith('.') && !/^\.gb[a-z]+$/i.test(entry.name);
    if (entry.isDirectory() && !isHidden && entry.name !== 'node_modules') yield* filesOf(path, depth + 1);
  }
}
