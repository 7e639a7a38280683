import type { Drive, FileValue } from 'gb-core';
import { OperationFailed } from '../operation.ts';

export interface MemoryDrive extends Drive {
  /** Every file that has a path, in order of their names. */
  paths(): readonly string[];
  /** Puts a file there, a text as UTF-8. */
  put(path: string, content: string | Uint8Array, type?: string): FileValue;
  /** What a file holds, by its path or as a program was given it; fails when it is not there. */
  bytes(place: string | FileValue): Uint8Array;
  text(place: string | FileValue): string;
}

interface Kept {
  readonly path: string | null;
  readonly value: FileValue;
  readonly bytes: Uint8Array;
  readonly changedAt: number;
}

/** A drive in memory, by the rules of the real one: paths without regard to case, nothing outside of it, no empty names. */
export function createMemoryDrive(initial: Readonly<Record<string, string | Uint8Array>> = {}): MemoryDrive {
  /** By path in lower case. */
  const placed = new Map<string, Kept>();
  const byId = new Map<string, Kept>();
  let clock = 0;

  const keep = (path: string | null, name: string, bytes: Uint8Array, type: string | undefined): FileValue => {
    clock++;
    const file = `00000000-0000-7000-8000-${String(clock).padStart(12, '0')}`;
    const value: FileValue = { file, name, type: type ?? typeOf(name), size: bytes.length };
    const kept: Kept = { path, value, bytes: bytes.slice(), changedAt: clock };
    byId.set(file, kept);
    if (path !== null) placed.set(path.toLowerCase(), kept);
    return value;
  };
  const find = (place: string | FileValue): Kept | undefined =>
    typeof place === 'string' ? placed.get(pathOf(place).toLowerCase()) : byId.get(place.file);
  const put = (path: string, content: string | Uint8Array, type?: string): FileValue => {
    const clean = pathOf(path);
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    return keep(clean, nameOf(clean), bytes, type);
  };
  const bytes = (place: string | FileValue): Uint8Array => {
    const kept = find(place);
    if (!kept) throw new Error(`there is no ${typeof place === 'string' ? place : place.name}`);
    return kept.bytes;
  };
  const there = (path: string): Kept => {
    const kept = find(path);
    if (!kept) throw new OperationFailed({ en: `there is no file ${path}`, pt: `não há um arquivo ${path}` });
    return kept;
  };
  for (const [path, content] of Object.entries(initial)) put(path, content);

  return {
    put,
    bytes,
    paths: () => [...placed.values()].map(({ path }) => path!).sort(),
    text: (place) => new TextDecoder().decode(bytes(place)),
    async read(place) {
      const kept = find(place);
      return kept ? { value: kept.value, bytes: kept.bytes.slice() } : null;
    },
    write: async (path, content, type) => put(path, content, type),
    make: async (name, content, type) => keep(null, name, content, type),
    async list(folder) {
      const root = folder.replace(/^[./\\]+$/, '') === '' ? '' : `${pathOf(folder).toLowerCase()}/`;
      return [...placed.values()]
        .filter(({ path }) => path!.toLowerCase().startsWith(root))
        .sort((a, b) => (a.path! < b.path! ? -1 : 1))
        .map(({ path, value, changedAt }) => ({ path: path!, value, changedAt }));
    },
    async copy(from, to) {
      const { bytes: content, value } = there(from);
      return put(to, content, value.type);
    },
    async move(from, to) {
      const { bytes: content, value } = there(from);
      placed.delete(pathOf(from).toLowerCase());
      return put(to, content, value.type);
    },
    delete: async (path) => placed.delete(pathOf(path).toLowerCase()),
  };
}

function pathOf(path: string): string {
  const parts = path
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  if (parts.length === 0 || parts.includes('..') || /[\x00-\x1f\x7f]/.test(path) || path.length > 500)
    throw new OperationFailed({ en: `"${path.slice(0, 30)}" is not a path`, pt: `"${path.slice(0, 30)}" não é um caminho` });
  return parts.join('/');
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

const types: Readonly<Record<string, string>> = {
  txt: 'text/plain',
  md: 'text/markdown',
  html: 'text/html',
  csv: 'text/csv',
  json: 'application/json',
  pdf: 'application/pdf',
  zip: 'application/zip',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  svg: 'image/svg+xml',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

function typeOf(name: string): string {
  return types[name.slice(name.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream';
}
