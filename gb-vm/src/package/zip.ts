import { type UnzipFileInfo, unzipSync, type Zippable, zipSync } from 'fflate';
import type { BotPackageFiles } from 'gb-core';
import { limits } from 'gb-protocol';
import type { Locale } from '../compiler/index.ts';
import { Problems, wholeFile } from './problem.ts';
import { type PackageEntry, readPackage } from './read-package.ts';

/**
 * Reads a package out of a zip file. No file gets more room than the zip says it needs, and what it says is added up
 * before anything is unpacked, so a small zip cannot fill the memory; the time it takes is for the caller to bound.
 */
export function readZip(zip: Uint8Array, locale: Locale): BotPackageFiles {
  const problems = new Problems(locale);
  const refused = (): BotPackageFiles => ({ scripts: [], settings: {}, configText: null, files: [], problems: problems.list });
  let bytes = 0;
  let count = 0;
  const isWanted = ({ name, originalSize, compression }: UnzipFileInfo): boolean => {
    if (name.endsWith('/') || problems.hasErrors) return false;
    bytes += originalSize;
    if (++count > limits.packageFilesMax || bytes > limits.packageBytesMax || originalSize > limits.fileBytesMax)
      problems.error(
        'package_too_large',
        wholeFile(name),
        `A package has at most ${limits.packageFilesMax} files, ${limits.fileBytesMax} bytes in each and ${limits.packageBytesMax} in all.`,
        `Um pacote tem no máximo ${limits.packageFilesMax} arquivos, ${limits.fileBytesMax} bytes em cada um e ${limits.packageBytesMax} ao todo.`,
      );
    else if (compression !== 0 && compression !== 8)
      problems.error(
        'zip_method_unknown',
        wholeFile(name),
        'This file is packed in a way that is not known here; make the zip file with "deflate".',
        'Este arquivo está compactado de um modo desconhecido aqui; crie o arquivo zip com "deflate".',
      );
    return !problems.hasErrors;
  };
  let found: Readonly<Record<string, Uint8Array>>;
  try {
    found = unzipSync(zip, { filter: isWanted });
  } catch {
    // Whatever the library found wrong with the bytes, the author can do the same about it.
    problems.error(
      'zip_damaged',
      wholeFile(''),
      'This is no zip file, or it is damaged.',
      'Isto não é um arquivo zip, ou está danificado.',
    );
  }
  if (problems.hasErrors) return refused();
  return readPackage(
    Object.entries(found!).map(([path, content]) => ({ path, bytes: content })),
    locale,
  );
}

/** The same files always give the same bytes. */
export function zipPackage(entries: readonly PackageEntry[]): Uint8Array {
  const files: Zippable = {};
  for (const entry of entries) files[entry.path] = 'bytes' in entry ? entry.bytes : new TextEncoder().encode(entry.text);
  return zipSync(files, { level: 6, mtime: new Date(1980, 0, 1) });
}
