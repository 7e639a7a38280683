import { type Unzipped, unzipSync, type Zippable, zipSync } from 'fflate';
import { OperationFailed } from '../operation.ts';
import { documentLimits } from './limits.ts';
import { tooMuch, unreadable } from './refusals.ts';

/**
 * Unpacks in memory. The sizes that the directory states are summed before anything is unpacked, and no file grows
 * beyond what it stated, so a zip bomb costs nothing. Folders and names that lead out of the folder are refused.
 */
export function unpack(bytes: Uint8Array, name: string): ReadonlyMap<string, Uint8Array> {
  let total = 0;
  let count = 0;
  let unpacked: Unzipped;
  try {
    unpacked = unzipSync(bytes, {
      filter: (file) => {
        if (file.name.endsWith('/')) return false;
        count++;
        total += file.originalSize;
        if (count > documentLimits.packedFilesMax || total > documentLimits.unpackedBytesMax)
          throw tooMuch(
            `there is too much in ${name}: at most ${documentLimits.packedFilesMax} files and ${documentLimits.unpackedBytesMax / 1_048_576} MB`,
            `há coisas demais em ${name}: no máximo ${documentLimits.packedFilesMax} arquivos e ${documentLimits.unpackedBytesMax / 1_048_576} MB`,
          );
        return true;
      },
    });
  } catch (error) {
    throw error instanceof OperationFailed ? error : unreadable(name, error);
  }
  const files = new Map<string, Uint8Array>();
  for (const [path, content] of Object.entries(unpacked)) files.set(safePath(path, name), content);
  return files;
}

function safePath(path: string, name: string): string {
  const parts = path
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  const isOutside = parts.includes('..') || /^[/\\]|^[A-Za-z]:/.test(path);
  if (isOutside || parts.length === 0 || parts.length > 20 || path.length > 400 || /[\x00-\x1f\x7f]/.test(path))
    throw new OperationFailed({
      en: `${name} has a file that would be outside of the folder`,
      pt: `${name} tem um arquivo que ficaria fora da pasta`,
    });
  return parts.join('/');
}

/** Packs files by their paths. What is compressed already is only stored. */
export function pack(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const entries: Zippable = Object.create(null);
  // The library cannot pack a file of this one name.
  for (const [path, content] of files)
    entries[path === '__proto__' ? '_proto_' : path] = [
      content,
      { level: /\.(?:png|jpe?g|webp|gif|zip|docx|xlsx|pdf|mp[34]|ogg)$/i.test(path) ? 0 : 6, mtime: epoch },
    ];
  return zipSync(entries);
}

/** The same files give the same bytes, whenever they are packed. */
const epoch = new Date(1980, 0, 1);

/** The parts of a docx or xlsx, for parsers that do not bound what they read: no document types, no bombs. */
export function unpackOffice(bytes: Uint8Array, name: string): ReadonlyMap<string, Uint8Array> {
  const files = unpack(bytes, name);
  const decoder = new TextDecoder('latin1');
  for (const [path, content] of files)
    if (/\.(?:xml|rels)$/i.test(path) && /<!(?:DOCTYPE|ENTITY)/i.test(decoder.decode(content.subarray(0, 100_000))))
      throw unreadable(name);
  return files;
}

/** A zip of the same parts that can be unpacked without surprises. */
export function repack(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const entries: Zippable = Object.create(null);
  for (const [path, content] of files) entries[path] = [content, { level: 0, mtime: epoch }];
  return zipSync(entries);
}
