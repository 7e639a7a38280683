import type { Drive, PlainValue } from 'gb-core';
import { OperationFailed } from '../operation.ts';
import type { HttpAnswer } from './http-client.ts';
import { HttpFailed, shownAddress } from './http-failed.ts';
import { dataOf } from './values.ts';

/** The answer as a program gets it: data from JSON, text from text, a file from anything else. */
export async function valueOfAnswer(answer: HttpAnswer, drive: Pick<Drive, 'make'>): Promise<PlainValue> {
  const type = mediaTypeOf(answer.headers);
  if (answer.bytes.byteLength === 0) return type.startsWith('text/') ? '' : null;
  if (isBinary(type, answer.bytes)) {
    const kind = type || 'application/octet-stream';
    return { ...(await drive.make(fileNameOf(answer), answer.bytes, kind)) };
  }
  const text = textOfAnswer(answer);
  // Many services say text/html and send JSON, or say JSON and send "OK".
  const maySayData = isJson(type) || ((type === '' || type.startsWith('text/')) && /^\s*[[{]/.test(text));
  return (maySayData ? dataOf(text) : undefined) ?? text;
}

/** Throws for an answer that is not 2xx, with a piece of what the other side said. */
export function mustSucceed(answer: HttpAnswer): HttpAnswer {
  const { status } = answer;
  if (status >= 200 && status < 300) return answer;
  const host = shownAddress(answer.address);
  const said = isBinary(mediaTypeOf(answer.headers), answer.bytes) ? '' : shortened(textOfAnswer(answer));
  const tail = said ? `: ${said}` : '';
  throw new HttpFailed('status', { en: `${host} answered ${status}${tail}`, pt: `${host} respondeu ${status}${tail}` }, status);
}

const pieceMax = 300;

function shortened(text: string): string {
  const words = text
    .slice(0, 4_000)
    .replace(/<(?:script|style)[\s\S]*?<\/(?:script|style)>/gi, ' ')
    .replace(/<[^>]*>/g, ' ');
  const plain = words.replace(/\s+/g, ' ').trim();
  return plain.length > pieceMax ? `${plain.slice(0, pieceMax)}…` : plain;
}

export const mediaTypeOf = (headers: Headers): string => (headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase();

const isJson = (type: string): boolean => type === 'application/json' || type.endsWith('+json');

const textTypes =
  /^(?:text\/.*|.*\+(?:json|xml)|application\/(?:json|xml|javascript|x-javascript|ecmascript|x-www-form-urlencoded|x-ndjson|graphql|yaml|x-yaml|toml|sql|csv|rtf))$/;

/** By what it says it is; where it does not say, by whether a NUL is in it. */
function isBinary(type: string, bytes: Uint8Array): boolean {
  if (type === 'image/svg+xml') return true; // A picture, though of text.
  return type === '' ? bytes.subarray(0, 4_096).includes(0) : !textTypes.test(type);
}

/** The text in the characters it says, or that the document itself says; UTF-8 where nothing is said and it fits. */
export function textOfAnswer({ headers, bytes }: Pick<HttpAnswer, 'headers' | 'bytes'>): string {
  const named = /charset\s*=\s*"?([\w.:-]+)/i.exec(headers.get('content-type') ?? '')?.[1];
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 1_024));
  const declared = /<\?xml[^>]*encoding\s*=\s*["']([\w.:-]+)|<meta[^>]*charset\s*=\s*["']?([\w.:-]+)/i.exec(start);
  const mark = markedCharset(bytes);
  for (const charset of [mark, named, declared?.[1] ?? declared?.[2]]) {
    const decoder = charset === undefined ? null : decoderOf(charset);
    if (decoder) return decoder.decode(bytes);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

function markedCharset(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined;
}

/** null for a name that nobody knows. */
function decoderOf(charset: string): TextDecoder | null {
  try {
    return new TextDecoder(charset);
  } catch {
    return null;
  }
}

const fileNameMax = 120;

/** As the other side calls it, or the end of its address; a plain name without folders. */
export function fileNameOf({ headers, address }: Pick<HttpAnswer, 'headers' | 'address'>): string {
  const disposition = headers.get('content-disposition') ?? '';
  const extended = /filename\*\s*=\s*(?:UTF-8|ISO-8859-1)?'[^']*'([^;\s]+)/i.exec(disposition)?.[1];
  const plain = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition);
  const last = address.pathname.split('/').at(-1) ?? '';
  const given = (extended ? percentDecoded(extended) : (plain?.[1] ?? plain?.[2])) || percentDecoded(last);
  const name = (given.split(/[\\/]/).at(-1) ?? '')
    .replace(/[\p{Cc}\p{Cf}<>:"|?*]/gu, '')
    .replace(/^\.+/, '')
    .trim();
  if (name === '') return 'file';
  if (name.length <= fileNameMax) return name;
  const ending = /\.[\w-]{1,10}$/.exec(name)?.[0] ?? '';
  return `${name.slice(0, fileNameMax - ending.length)}${ending}`;
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** For answers that must be text, like pages and feeds. */
export function mustBeText(answer: HttpAnswer): string {
  if (!isBinary(mediaTypeOf(answer.headers), answer.bytes)) return textOfAnswer(answer);
  const host = shownAddress(answer.address);
  const type = mediaTypeOf(answer.headers).slice(0, 60);
  throw new OperationFailed({ en: `${host} is no text but ${type}`, pt: `${host} não é texto, e sim ${type}` });
}
