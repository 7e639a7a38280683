import type { FileValue, OutsideCall, PlainValue } from 'gb-core';
import { documentLimits } from '../limits.ts';
import type { NamedBytes } from '../pictures/effects.ts';
import { noSuchFile, tooMuch } from '../refusals.ts';
import { placeOf } from '../values.ts';
import type { DocumentWorkshop } from '../workshop.ts';

export interface DocumentOptions {
  readonly workshop: DocumentWorkshop;
  /** An address from which a file can be fetched for so many seconds, by whoever has it. */
  shareLink(file: FileValue, seconds: number, call: OutsideCall): Promise<string>;
  /** The words of a page, from what the author asked for; without it the words of the author are the page's. */
  writeWords?(prompt: string, call: OutsideCall): Promise<string>;
}

export interface FoundFile extends NamedBytes {
  readonly value: FileValue;
  readonly type: string;
}

/** The file at a path, or that a program was given. */
export async function fetchFile(call: OutsideCall, place: PlainValue | undefined): Promise<FoundFile> {
  const where = placeOf(place);
  const found = await call.drive.read(where);
  const name = typeof where === 'string' ? where : where.name;
  if (!found) throw noSuchFile(name);
  if (found.bytes.length > documentLimits.bytesMax)
    throw tooMuch(
      `${name} is larger than ${documentLimits.bytesMax / 1_048_576} MB`,
      `${name} é maior que ${documentLimits.bytesMax / 1_048_576} MB`,
    );
  return { name: found.value.name, bytes: found.bytes, value: found.value, type: found.value.type };
}

/** Files of a list of places; a path of a folder stands for all that is in it. Names are those under which they are packed. */
export async function fetchFiles(
  call: OutsideCall,
  places: readonly PlainValue[],
  countMax: number,
  isFolderFine = false,
): Promise<FoundFile[]> {
  const files: FoundFile[] = [];
  let total = 0;
  const add = (file: FoundFile): void => {
    total += file.bytes.length;
    if (files.length >= countMax || total > documentLimits.unpackedBytesMax)
      throw tooMuch(
        `at most ${countMax} files and ${documentLimits.unpackedBytesMax / 1_048_576} MB`,
        `no máximo ${countMax} arquivos e ${documentLimits.unpackedBytesMax / 1_048_576} MB`,
      );
    files.push(file);
  };
  for (const place of places) {
    const where = placeOf(place);
    const isFolder = isFolderFine && typeof where === 'string' && (await call.drive.read(where)) === null;
    const listed = isFolder ? await call.drive.list(where) : [];
    if (listed.length === 0) add(await fetchFile(call, place));
    else for (const { path } of listed) add({ ...(await fetchFile(call, path)), name: path });
  }
  return files;
}

export function owner(call: OutsideCall): { readonly customerId: string; readonly signal: AbortSignal } {
  return { customerId: call.customerId, signal: call.signal };
}
