import type { PlainValue } from 'gb-core';
import { OperationFailed } from '../operation.ts';
import type { XmlNode } from './page-reader.ts';
import { wordOf } from './values.ts';
import { isObject } from './web-state.ts';
import type { SoapMethod } from './wsdl.ts';

const envelopeUris = {
  '1.1': 'http://schemas.xmlsoap.org/soap/envelope/',
  '1.2': 'http://www.w3.org/2003/05/soap-envelope',
} as const;

/** A call of a method as XML. A text that is XML itself is the content of the body, or the whole envelope. */
export function envelopeFor(method: Pick<SoapMethod, 'wrapper' | 'isQualified' | 'order' | 'version'>, body: PlainValue): string {
  const given = typeof body === 'string' ? body.trim() : '';
  if (/^(?:<\?xml[^>]*>\s*)?<[\w.-]*:?Envelope[\s>]/.test(given)) return given;
  const content = given.startsWith('<') ? given.replace(/^<\?xml[^>]*>/, '') : callOf(method, body);
  return `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${envelopeUris[method.version]}"><soap:Body>${content}</soap:Body></soap:Envelope>`;
}

function callOf(
  { wrapper, isQualified, order }: Pick<SoapMethod, 'wrapper' | 'isQualified' | 'order'>,
  body: PlainValue,
): string {
  const values = isObject(body) ? body : body === null || body === '' ? {} : { [order[0] ?? 'value']: body };
  const place = (name: string): number => {
    const at = order.indexOf(name);
    return at < 0 ? order.length : at;
  };
  const sorted = Object.entries(values).toSorted(([a], [b]) => place(a) - place(b));
  const inside = sorted.map(([name, value]) => elementOf(name, value)).join('');
  const name = elementName(wrapper.name);
  if (wrapper.uri === '') return `<${name}>${inside}</${name}>`;
  const uri = escaped(wrapper.uri);
  return isQualified ? `<${name} xmlns="${uri}">${inside}</${name}>` : `<m:${name} xmlns:m="${uri}">${inside}</m:${name}>`;
}

const depthMax = 100;

/** Lists repeat their element, names that begin with @ are attributes, nothing is left out. */
function elementOf(name: string, value: PlainValue, depth = 0): string {
  if (depth > depthMax)
    throw new OperationFailed({ en: 'the values are nested too deeply', pt: 'os valores estão aninhados demais' });
  if (value === null) return '';
  if (Array.isArray(value)) return value.map((one) => elementOf(name, one, depth + 1)).join('');
  const tag = elementName(name);
  if (!isObject(value)) return `<${tag}>${escaped(wordOf(value))}</${tag}>`;
  const entries = Object.entries(value);
  const attributes = entries
    .filter(([one, its]) => one.startsWith('@') && its !== null)
    .map(([one, its]) => ` ${elementName(one.slice(1))}="${escaped(wordOf(its))}"`);
  const children = entries.filter(([one]) => !one.startsWith('@')).map(([one, its]) => elementOf(one, its, depth + 1));
  return `<${tag}${attributes.join('')}>${children.join('')}</${tag}>`;
}

function elementName(name: string): string {
  if (/^[\p{L}_][\p{L}\p{N}_.-]*(?::[\p{L}_][\p{L}\p{N}_.-]*)?$/u.test(name)) return name;
  const shown = name.slice(0, 60);
  throw new OperationFailed({ en: `"${shown}" cannot be a name in XML`, pt: `"${shown}" não pode ser um nome em XML` });
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Characters that XML does not have are left out. */
const escaped = (text: string): string =>
  text.replace(/[^\t\n\r\x20-\uFFFD\u{10000}-\u{10FFFF}]/gu, '').replace(/[&<>"]/g, (sign) => entities[sign]!);

/** What the body of an envelope says; null when it is no envelope. A fault is thrown. */
export function answerIn(root: XmlNode): PlainValue | undefined {
  if (root.name !== 'Envelope') return undefined;
  const body = elementsOf(root).find(({ name }) => name === 'Body');
  const said = body && elementsOf(body)[0];
  if (!said) return null;
  if (said.name === 'Fault') throw faultOf(said);
  return plainOf(said);
}

function faultOf(fault: XmlNode): OperationFailed {
  const find = (...path: readonly string[]): string =>
    path
      .reduce<XmlNode | undefined>((node, name) => node && elementsOf(node).find((one) => one.name === name), fault)
      ?.children.filter((one) => typeof one === 'string')
      .join('')
      .trim() ?? '';
  const said = (find('faultstring') || find('Reason', 'Text') || find('faultcode') || find('Code', 'Value')).slice(0, 300);
  return new OperationFailed({
    en: `the service answered with a fault: ${said}`,
    pt: `o serviço respondeu com um erro: ${said}`,
  });
}

/** Elements as data: texts stay texts - a code 007 is no number - unless the service says what they are. */
function plainOf(node: XmlNode): PlainValue {
  const own = Object.entries(node.attributes).filter(([name]) => !/^(?:xsi|xml|soap\w*|SOAP-ENC|SOAP-ENV):/i.test(name));
  const typed = Object.entries(node.attributes);
  if (typed.some(([name, value]) => /:nil$/.test(name) && (value === 'true' || value === '1'))) return null;
  const children = elementsOf(node);
  const text = node.children.filter((one) => typeof one === 'string').join('');
  if (children.length === 0 && own.length === 0) return typedText(text, typed.find(([name]) => /^xsi:type$/i.test(name))?.[1]);
  const data = new Map<string, PlainValue>(own);
  if (children.length === 0) data.set('value', text.trim());
  const lists = new Map<string, PlainValue[]>();
  for (const child of children) {
    const value = plainOf(child);
    const list = lists.get(child.name);
    if (list) list.push(value);
    else lists.set(child.name, [value]);
  }
  for (const [name, list] of lists) data.set(name, list.length === 1 ? list[0]! : list);
  return Object.fromEntries(data);
}

function typedText(text: string, type: string | undefined): PlainValue {
  const word = text.trim();
  const local = type?.split(':').at(-1) ?? '';
  if (/^(?:int|integer|long|short|byte|double|float|decimal)$/.test(local) && word !== '' && Number.isFinite(Number(word)))
    return Number(word);
  if (local === 'boolean') return word === 'true' || word === '1';
  return text;
}

const elementsOf = (node: XmlNode): XmlNode[] => node.children.filter((one): one is XmlNode => typeof one !== 'string');
