import { unreadable } from './refusals.ts';

const types: Readonly<Record<string, string>> = {
  txt: 'text/plain',
  md: 'text/markdown',
  html: 'text/html',
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  json: 'application/json',
  pdf: 'application/pdf',
  zip: 'application/zip',
  png: 'image/png',
  jpg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  svg: 'image/svg+xml',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

const sameFormat: Readonly<Record<string, string>> = {
  htm: 'html',
  markdown: 'md',
  jpeg: 'jpg',
  text: 'txt',
  xml: 'txt',
  log: 'txt',
};

export const pictureFormats: readonly string[] = ['png', 'jpg', 'webp', 'gif', 'svg'];

/** The media type of a format like `pdf`. */
export function typeOfFormat(format: string): string {
  return types[format] ?? 'application/octet-stream';
}

/** `docx` of `Contract.DOCX`; by the media type where the name has no ending that is known. */
export function formatOf(name: string, type = ''): string {
  const ending = /\.([A-Za-z0-9]{1,10})$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const format = sameFormat[ending] ?? ending;
  if (types[format] !== undefined) return format;
  const plain = type.split(';')[0]!.trim().toLowerCase();
  return Object.keys(types).find((one) => types[one] === plain) ?? (plain.startsWith('text/') ? 'txt' : format);
}

/** The format that somebody asked for: `PDF`, `.pdf`, `jpeg`. */
export function formatNamed(text: string): string {
  const format = text.trim().replace(/^\./, '').toLowerCase();
  return sameFormat[format] ?? (format === 'markdown' ? 'md' : format);
}

/** `notes.pdf` from `drive/notes.docx`. */
export function renamed(name: string, format: string): string {
  const base = name.replace(/^.*[/\\]/, '').replace(/\.[A-Za-z0-9]{1,10}$/, '');
  return `${base || 'file'}.${format}`;
}

/** Text of any of the ways in which people save it: UTF-8, UTF-16 with its mark, and what Windows wrote before. */
export function decodeText(bytes: Uint8Array, name = 'file'): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (bytes.subarray(0, 4096).includes(0)) throw unreadable(name);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not UTF-8: every byte is a character in windows-1252, so this cannot fail.
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

export function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
