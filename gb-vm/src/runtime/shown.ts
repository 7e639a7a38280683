import type { BotReply, FileValue, PlainValue } from 'gb-core';
import type { Card, Form } from 'gb-protocol';

/** What TALK shows as more than text: a file, a list of files, a card, a form. null when it is none of these. */
export function replyOf(value: PlainValue): BotReply | null {
  if (isFile(value)) return { text: typeof value.caption === 'string' ? value.caption : '', files: [value.file] };
  if (Array.isArray(value))
    return value.length > 0 && value.length <= 10 && value.every(isFile)
      ? { text: '', files: value.map(({ file }) => file) }
      : null;
  if (value === null || typeof value !== 'object') return null;
  const { card, form, text, files } = value as { readonly [name: string]: PlainValue };
  const said = typeof text === 'string' ? text : '';
  const list = Array.isArray(files) ? files.filter(isFile).map(({ file }) => file) : [];
  const more = list.length > 0 ? { files: list } : {};
  if (isObject(card)) return { text: said, card: card as unknown as Card, ...more };
  if (isObject(form) && Array.isArray(form['fields'])) return { text: said, form: form as unknown as Form, ...more };
  return null;
}

/** Of what came with an answer, the first file that `HEAR AS type` asks for. */
export function fileMeant(type: string, files: readonly FileValue[]): FileValue | null {
  const kind = kinds[type];
  return files.find((file) => kind === undefined || kind.test(file.type)) ?? null;
}

const kinds: Readonly<Record<string, RegExp>> = {
  IMAGE: /^image\//,
  QRCODE: /^image\//,
  AUDIO: /^audio\/|^video\/webm/,
  VIDEO: /^video\//,
  DOCUMENT: /^(?!image\/|audio\/|video\/)/,
};

function isFile(value: PlainValue): value is { readonly file: string; readonly caption?: PlainValue } {
  return (
    isObject(value) && typeof value['file'] === 'string' && typeof value['name'] === 'string' && typeof value['type'] === 'string'
  );
}

function isObject(value: PlainValue | undefined): value is { readonly [name: string]: PlainValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
