import type { Profile } from '../../compiler/profile.ts';
import { parseNumber } from '../functions/values.ts';
import { readAnswer } from '../hear.ts';

/** What INPUT wants at each place: a number or a text. */
export type InputKind = 'n' | 's';

/** `notice` is for the person, while the program goes on with the values. */
export type InputReading =
  | { readonly values: (number | string)[]; readonly notice?: string }
  | { readonly problem: InputProblem };

export type InputProblem = 'too_few' | 'too_many' | 'not_a_number' | 'too_large' | 'unclosed_quote' | 'malformed';

type Locale = 'en' | 'pt-BR';

/**
 * Reads the person's line as what an INPUT statement wants. All of it is read before anything is assigned, so a reply
 * with something wrong leaves the program as it was, and is asked for again as a whole.
 */
export function readInput(
  profile: Profile,
  kinds: readonly InputKind[],
  line: string,
  isLine: boolean,
  locale: Locale = 'en',
): InputReading {
  const text = line.replace(/\r?\n$/, '');
  if (isLine && kinds.length === 1 && kinds[0] === 's') return { values: [text] };
  if (profile === 'minimal') return readMinimal(kinds, text);
  return profile === 'classic' ? readClassic(kinds, text) : readFriendly(kinds, text, locale);
}

interface Datum {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** Cuts at commas outside quotes; one item more than `itemsMax` is enough to know that there are too many. */
function cut(line: string, itemsMax: number): { readonly items: Datum[]; readonly rest: boolean } | InputProblem {
  const items: Datum[] = [];
  let at = 0;
  for (;;) {
    while (line[at] === ' ' || line[at] === '\t') at++;
    if (line[at] === '"') {
      const end = line.indexOf('"', at + 1);
      if (end < 0) return 'unclosed_quote';
      items.push({ text: line.slice(at + 1, end), isQuoted: true });
      at = end + 1;
      while (line[at] === ' ' || line[at] === '\t') at++;
      if (at < line.length && line[at] !== ',') return 'malformed';
    } else {
      const comma = line.indexOf(',', at);
      const end = comma < 0 ? line.length : comma;
      items.push({ text: line.slice(at, end).trimEnd(), isQuoted: false });
      at = end;
    }
    if (at >= line.length) return { items, rest: false };
    at++;
    if (items.length >= itemsMax) return { items, rest: true };
  }
}

// Minimal BASIC

/** ECMA-55, section 15: letters, digits, blank, plus, minus, full stop. Small letters are ours: keyboards have them now. */
const unquoted = /^[A-Za-z0-9 +.-]+$/;

/**
 * ECMA-55, section 15: as many data as variables, each a number, a quoted text, or one of plain characters; a number's
 * characters may be a text, too. Overflow asks again (15.5); a number too small for us is zero.
 */
function readMinimal(kinds: readonly InputKind[], line: string): InputReading {
  const found = cut(line, kinds.length);
  if (typeof found === 'string') return { problem: found };
  const { items } = found;
  const isEmpty = items.length === 1 && items[0]!.text === '' && !items[0]!.isQuoted;
  if (isEmpty && !found.rest) return { problem: 'too_few' };
  const values: (number | string)[] = [];
  for (const [index, item] of items.entries()) {
    if (!item.isQuoted && !unquoted.test(item.text)) return { problem: 'malformed' };
    if (kinds[index] === 's') values.push(item.text);
    else {
      const number = item.isQuoted ? null : parseNumber(item.text);
      if (number === null) return { problem: 'not_a_number' };
      if (!Number.isFinite(number)) return { problem: 'too_large' };
      values.push(number);
    }
  }
  if (found.rest) return { problem: 'too_many' };
  return values.length < kinds.length ? { problem: 'too_few' } : { values };
}

// Microsoft's interpreters

/**
 * An item left out is 0 or an empty text, so Enter alone answers a single variable. Too few items ask for the whole
 * line again, as GW-BASIC does; items too many are ignored and said so, as the interpreters before it did.
 */
function readClassic(kinds: readonly InputKind[], line: string): InputReading {
  const found = cut(line, kinds.length);
  if (typeof found === 'string') return { problem: found };
  const values: (number | string)[] = [];
  for (const [index, item] of found.items.entries()) {
    if (kinds[index] === 's') values.push(item.text);
    else {
      const number = item.isQuoted ? null : classicNumber(item.text);
      if (number === null) return { problem: 'not_a_number' };
      if (!Number.isFinite(number)) return { problem: 'too_large' };
      values.push(number);
    }
  }
  if (values.length < kinds.length) return { problem: 'too_few' };
  return found.rest ? { values, notice: '?Extra ignored' } : { values };
}

/**
 * A number as Microsoft's interpreters read it in replies and DATA: blanks do not count, D is an exponent too, a type mark
 * may follow, and &H and &O are other bases, whose upper half of sixteen bits is negative. Nothing at all is zero.
 */
export function classicNumber(text: string): number | null {
  if (text.length > 400) return null;
  const plain = text.replace(/[ \t]/g, '').toUpperCase();
  if (plain === '') return 0;
  const based = /^&(?:(H)([0-9A-F]{1,4})|O?([0-7]{1,6}))$/.exec(plain);
  if (based) {
    const value = based[1] ? Number.parseInt(based[2]!, 16) : Number.parseInt(based[3]!, 8);
    return value > 0xffff ? null : value > 0x7fff ? value - 0x10000 : value;
  }
  return parseNumber(plain.replace(/[%!#]$/, '').replace('D', 'E'));
}

// The bot dialect

/**
 * As HEAR reads: a number may have thousands separators and a decimal comma, a single text is the line without outer
 * blanks. Several values are parted by commas, or by semicolons so that the numbers may have commas.
 */
function readFriendly(kinds: readonly InputKind[], line: string, locale: Locale): InputReading {
  if (kinds.length === 1) {
    if (kinds[0] === 's') return { values: [line.trim()] };
    return friendlyValues(kinds, [line], locale);
  }
  if (line.includes(';') && !line.includes('"')) return friendlyValues(kinds, line.split(';', kinds.length + 1), locale);
  const found = cut(line, kinds.length);
  if (typeof found === 'string') return { problem: found };
  const items = found.items.map((item) => item.text);
  return friendlyValues(kinds, found.rest ? [...items, ''] : items, locale);
}

function friendlyValues(kinds: readonly InputKind[], items: readonly string[], locale: Locale): InputReading {
  if (items.length < kinds.length) return { problem: 'too_few' };
  if (items.length > kinds.length) return { problem: 'too_many' };
  const values: (number | string)[] = [];
  for (const [index, item] of items.entries()) {
    if (kinds[index] === 's') values.push(item.trim());
    else {
      const number = readAnswer('NUMBER', item, locale) ?? parseNumber(item);
      if (typeof number !== 'number') return { problem: 'not_a_number' };
      if (!Number.isFinite(number)) return { problem: 'too_large' };
      values.push(number);
    }
  }
  return { values };
}

// Asking again

/** What the person is told before the prompt comes again. `minimal` leaves the words to us; `classic` is known for its own. */
export function retryText(profile: Profile, locale: Locale, problem: string): string {
  if (profile === 'classic') return '?Redo from start';
  const texts = retries[problem as InputProblem] ?? retries.malformed;
  return texts[locale === 'pt-BR' ? 1 : 0];
}

/** Each fits a line of 80 columns, which `minimal` keeps. */
const retries: Readonly<Record<InputProblem, readonly [string, string]>> = {
  too_few: [
    'More values are needed, with commas between them. Please answer again.',
    'Faltam valores; separe-os com vírgulas. Responda de novo.',
  ],
  too_many: [
    'These are more values than were asked for. Please answer again.',
    'São mais valores do que foi pedido. Responda de novo.',
  ],
  not_a_number: [
    'A number is needed, like 5 or 2.5. Please answer again.',
    'É preciso um número, como 5 ou 2.5. Responda de novo.',
  ],
  too_large: ['This number is too large. Please answer again.', 'Este número é grande demais. Responda de novo.'],
  unclosed_quote: [
    'A quote is opened and never closed. Please answer again.',
    'Há aspas abertas e não fechadas. Responda de novo.',
  ],
  malformed: [
    'This cannot be read; put special characters in quotes. Please answer again.',
    'Não foi possível ler; ponha entre aspas os sinais. Responda de novo.',
  ],
};
