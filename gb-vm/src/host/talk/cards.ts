import type { OutsideCall, PlainValue } from 'gb-core';
import { type Card, type FileId, limits } from 'gb-protocol';
import type { OutsideOperation } from '../operation.ts';
import { fileOf, isObject, listOf, wordOf, wrong } from '../people/values.ts';
import { dataOf } from '../web/values.ts';

const templateBytesMax = 100_000;
const shownCharsMax = 4_000;

/**
 * CARD template, data. The template is a file of the bot's drive, `order.json` or `order.md` - the ending may be left
 * out - in which `{{name}}` stands for a value; without such a file the data are shown as they are, under its name.
 * What comes back is for TALK.
 */
export const cardOperations: Readonly<Record<string, OutsideOperation>> = {
  async CARD(args, call) {
    const data = args['data'] ?? null;
    const values = isObject(data) ? data : { value: data };
    const given = args['template'];
    if (isObject(given)) return shown(given, values);
    const name = wordOf(given).trim();
    const template = name === '' ? null : await templateOf(name, call);
    if (template === null) return shown(plainCard(name, values), {});
    return template.kind === 'json' ? shown(template.card, values) : shown(cardOfMarkdown(filled(template.text, values)), {});
  },
};

type Template =
  | { readonly kind: 'json'; readonly card: { readonly [name: string]: PlainValue } }
  | { readonly kind: 'md'; readonly text: string };

async function templateOf(name: string, call: OutsideCall): Promise<Template | null> {
  const paths = /\.(?:json|md)$/i.test(name) ? [name] : [`${name}.json`, `${name}.md`];
  for (const path of paths.flatMap((one) => [one, `cards/${one}`])) {
    const file = await call.drive.read(path);
    if (!file) continue;
    if (file.bytes.length > templateBytesMax)
      throw wrong(`${path} is too long for a card`, `${path} é longo demais para um cartão`);
    const text = new TextDecoder().decode(file.bytes);
    if (/\.md$/i.test(path)) return { kind: 'md', text };
    const card = dataOf(text);
    if (!isObject(card)) throw wrong(`${path} is not a card in JSON`, `${path} não é um cartão em JSON`);
    return { kind: 'json', card };
  }
  return null;
}

/** Known names are parts of the card, the others its facts. */
function plainCard(name: string, values: { readonly [name: string]: PlainValue }): { readonly [name: string]: PlainValue } {
  const parts = new Set(['title', 'subtitle', 'text', 'image', 'facts', 'buttons']);
  const facts = Object.entries(values)
    .filter(([key]) => !parts.has(key))
    .map(([key, value]) => ({ name: key, value: wordOf(value) }));
  const known = Object.fromEntries(Object.entries(values).filter(([key]) => parts.has(key)));
  const title = name.replace(/\.(?:json|md)$/i, '').replace(/[-_]+/g, ' ');
  return { title: title.charAt(0).toUpperCase() + title.slice(1), ...(facts.length > 0 ? { facts } : {}), ...known };
}

/** `# Title`, `## Subtitle`, `- name: value` and `[label](address or words)` on a line of its own; the rest is text. */
function cardOfMarkdown(text: string): { readonly [name: string]: PlainValue } {
  const facts: PlainValue[] = [];
  const buttons: PlainValue[] = [];
  const lines: string[] = [];
  let title = '';
  let subtitle = '';
  for (const line of text.split(/\r?\n/)) {
    const [, marks, heading] = /^(#{1,2})\s+(.+)$/.exec(line) ?? [];
    const [, name, value] = /^[-*]\s+([^:]{1,80}):\s*(.*)$/.exec(line) ?? [];
    const [, label, target] = /^\[([^\]]{1,80})\]\(([^)]+)\)\s*$/.exec(line) ?? [];
    if (heading && marks === '#' && title === '') title = heading;
    else if (heading && subtitle === '') subtitle = heading;
    else if (name !== undefined) facts.push({ name, value: value ?? '' });
    else if (label && target) buttons.push(/^https?:/i.test(target) ? { label, url: target } : { label, text: target });
    else lines.push(line);
  }
  return { title, subtitle, text: lines.join('\n').trim(), facts, buttons };
}

function filled(text: string, values: { readonly [name: string]: PlainValue }): string {
  return text.replace(/\{\{\s*([\w.]{1,80})\s*\}\}|\$\{\s*([\w.]{1,80})\s*\}/g, (whole, a?: string, b?: string) => {
    let value: PlainValue | undefined = values as PlainValue;
    for (const part of (a ?? b ?? '').split('.')) {
      const names: readonly string[] = isObject(value) ? Object.keys(value) : [];
      const name = names.find((one) => one.toLowerCase() === part.toLowerCase());
      value = name !== undefined && isObject(value) ? value[name] : undefined;
    }
    return value === undefined ? whole : wordOf(value).slice(0, shownCharsMax);
  });
}

/** The card as messages carry it, of what looks like one; every part bounded. */
function shown(given: { readonly [name: string]: PlainValue }, values: { readonly [name: string]: PlainValue }): PlainValue {
  const text = (value: PlainValue | undefined, max: number): string => filled(wordOf(value), values).slice(0, max).trim();
  const listed = isObject(given['facts'])
    ? Object.entries(given['facts']).map(([name, value]) => ({ name, value }))
    : given['facts'];
  const facts = listOf(listed as PlainValue | undefined)
    .filter(isObject)
    .slice(0, limits.cardFactsMax)
    .map((fact) => ({ name: text(fact['name'], 200), value: text(fact['value'], 1_000) }));
  const buttons = listOf(given['buttons'])
    .slice(0, limits.cardButtonsMax)
    .map((one) => (isObject(one) ? one : { label: one, text: one }))
    .map((one) =>
      buttonOf(text(one['label'] ?? one['title'] ?? one['text'], 80), text(one['text'], 1_000), text(one['url'], 2_000)),
    );
  const imageValue = typeof given['image'] === 'string' ? valueNamed(given['image'], values) : given['image'];
  const image = fileOf(imageValue);
  const card: Card = {
    ...part('title', text(given['title'], 300)),
    ...part('subtitle', text(given['subtitle'], 300)),
    ...part('text', text(given['text'], shownCharsMax)),
    ...(image ? { imageId: image.file as FileId } : {}),
    ...(facts.length > 0 ? { facts } : {}),
    ...(buttons.length > 0 ? { buttons } : {}),
  };
  const said = JSON.parse(JSON.stringify(card)) as PlainValue;
  return image ? { card: said, text: '', files: [{ ...image }] } : { card: said, text: '' };
}

function buttonOf(label: string, text: string, url: string): { label: string; text?: string; url?: string } {
  // An address that is none of the web could run something where it is opened.
  if (url !== '' && !/^https?:\/\//i.test(url))
    throw wrong('a button opens an address that begins with https://', 'um botão abre um endereço que começa com https://');
  return url === '' ? { label, text: text === '' ? label : text } : { label, url };
}

function part(name: 'title' | 'subtitle' | 'text', value: string): Partial<Card> {
  return value === '' ? {} : { [name]: value };
}

function valueNamed(template: string, values: { readonly [name: string]: PlainValue }): PlainValue | undefined {
  const name = /^\{\{\s*(\w+)\s*\}\}$/.exec(template)?.[1];
  return name === undefined ? undefined : values[name];
}
