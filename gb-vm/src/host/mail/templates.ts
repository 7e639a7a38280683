import type { OutsideCall, PlainValue } from 'gb-core';
import { textOf } from '../ai/arguments.ts';
import { OperationFailed } from '../operation.ts';

export interface MailTemplate {
  readonly name: string;
  readonly isHtml: boolean;
  readonly text: string;
}

const templateBytesMax = 524_288;

/** A file of the drive, by its path or as `templates/<name>.md`, `.html` or `.txt`. */
export async function readTemplate(name: string, call: OutsideCall): Promise<MailTemplate> {
  const places = /\.(md|html?|txt)$/i.test(name)
    ? [name, `templates/${name}`]
    : ['md', 'html', 'txt'].map((extension) => `templates/${name}.${extension}`);
  for (const place of name === '' ? [] : places) {
    const found = await call.drive.read(place);
    if (!found) continue;
    if (found.bytes.length > templateBytesMax)
      throw new OperationFailed({ en: `${place} is too large`, pt: `${place} é grande demais` }, 'limit_reached');
    return { name, isHtml: /\.html?$/i.test(place), text: new TextDecoder().decode(found.bytes) };
  }
  throw new OperationFailed({ en: `there is no template ${name}`, pt: `não há um modelo ${name}` });
}

/**
 * `{{1}}`, `{{2}}`, ... are the values in order, `{{name}}` those of an object. "Subject: …" may be the first line; an HTML
 * template's title is its subject. What is put into HTML is text there.
 */
export function fillTemplate(
  template: MailTemplate,
  values: readonly PlainValue[],
): { subject: string; text: string; html?: string } {
  const named = new Map<string, string>();
  values.forEach((value, index) => {
    named.set(String(index + 1), textOf(value));
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [name, one] of Object.entries(value)) named.set(name.toLowerCase(), textOf(one));
  });
  const fill = (text: string, safely: (value: string) => string): string =>
    text.replace(/\{\{\s*([\p{L}\p{N}_.-]+)\s*\}\}/gu, (_, name: string) => safely(named.get(name.toLowerCase()) ?? ''));
  const asIs = (value: string): string => value;
  if (!template.isHtml) {
    const subject = /^\s*(?:subject|assunto):[ \t]*([^\n]*)\r?\n*/i.exec(template.text);
    const body = subject ? template.text.slice(subject[0].length) : template.text;
    return { subject: fill(subject?.[1]?.trim() || template.name, asIs), text: fill(body, asIs) };
  }
  const title = /<title>([^<]*)<\/title>/i.exec(template.text)?.[1]?.trim();
  return {
    subject: fill(title || template.name, asIs),
    text: fill(plainOf(template.text), asIs),
    html: fill(template.text, escapeHtml),
  };
}

/** For readers of text; only our author's own markup passes here, before anything is filled in. */
function plainOf(html: string): string {
  return html
    .replace(/<(style|script|title|head)\b[\s\S]*?<\/\1>/gi, '')
    .replace(/<br\s*\/?>|<\/(p|div|tr|li|h\d)>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&nbsp;/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes[sign]!);
