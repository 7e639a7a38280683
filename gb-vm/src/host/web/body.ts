import type { Drive, FileValue, PlainValue } from 'gb-core';
import { OperationFailed } from '../operation.ts';
import { dataOf, wordOf } from './values.ts';
import { isObject } from './web-state.ts';

export interface Body {
  readonly bytes: Uint8Array;
  /** Header of the request; replaces what the program had set. */
  readonly contentType: string;
}

/**
 * What a program sends. Data becomes JSON, or a form when the Content-Type header says so, with files as parts of a
 * multipart form; a file is sent as it is; a text is sent as given.
 */
export async function bodyOf(value: PlainValue, contentType: string | undefined, drive: Pick<Drive, 'read'>): Promise<Body> {
  const asked = (contentType ?? '').split(';')[0]!.trim().toLowerCase();
  if (isFile(value)) {
    const { bytes, type } = await readFile(value, drive);
    return { bytes, contentType: contentType ?? type };
  }
  if (asked === 'multipart/form-data' && isObject(value)) return await multipart(value, drive);
  if (asked === 'application/x-www-form-urlencoded' && isObject(value))
    return { bytes: Buffer.from(formOf(value).toString()), contentType: contentType! };
  if (typeof value !== 'string') return { bytes: Buffer.from(JSON.stringify(value)), contentType: contentType ?? jsonType };
  return { bytes: Buffer.from(value), contentType: contentType ?? typeOfText(value) };
}

const jsonType = 'application/json; charset=utf-8';

function typeOfText(text: string): string {
  const start = text.trimStart();
  if (/^[[{]/.test(start) && dataOf(text) !== undefined) return jsonType;
  if (start.startsWith('<')) return 'application/xml; charset=utf-8';
  return 'text/plain; charset=utf-8';
}

/** Pairs for a query or a form; a list gives its name several times. */
export function formOf(data: { readonly [name: string]: PlainValue }): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(data))
    for (const one of Array.isArray(value) ? value : [value]) if (one !== null) form.append(name, wordOf(one));
  return form;
}

async function multipart(data: { readonly [name: string]: PlainValue }, drive: Pick<Drive, 'read'>): Promise<Body> {
  const form = new FormData();
  for (const [name, value] of Object.entries(data)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (!isFile(one)) {
        if (one !== null) form.append(name, wordOf(one));
        continue;
      }
      const { bytes, type } = await readFile(one, drive);
      form.append(name, new Blob([new Uint8Array(bytes)], { type }), one.name);
    }
  }
  const encoded = new Response(form);
  return { bytes: await encoded.bytes(), contentType: encoded.headers.get('content-type')! };
}

export const isFile = (value: PlainValue | undefined): value is FileValue & { readonly [name: string]: PlainValue } =>
  isObject(value) && typeof value['file'] === 'string' && typeof value['name'] === 'string' && typeof value['type'] === 'string';

async function readFile(value: FileValue, drive: Pick<Drive, 'read'>): Promise<{ bytes: Uint8Array; type: string }> {
  const found = await drive.read(value);
  if (!found) {
    const name = value.name.slice(0, 80);
    throw new OperationFailed({ en: `the file ${name} is not there any more`, pt: `o arquivo ${name} não existe mais` });
  }
  return { bytes: found.bytes, type: found.value.type };
}
