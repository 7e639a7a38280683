import { numberText, parseNumber } from '../functions/values.ts';
import { significantDigits } from './numbers.ts';

/**
 * PRINT USING, as GW-BASIC has it. A mask is literal text with fields in it:
 *
 *     !  first character      \  \  as many characters as from stroke to stroke      &  the whole text
 *     #  a digit              .  the point          ,  left of it: commas between thousands
 *     +  the sign, before or behind     -  behind: a minus or a blank
 *     ** leading stars        $$  a dollar sign before the first digit       **$  both
 *     ^^^^ an exponent (^^^^^ with three digits)     _  the next character as it is
 *
 * The mask starts over as often as there are values; after the last value its literal text is still written up to the
 * next field. A number too long for its field is written whole behind a percent sign.
 */
export type MaskProblem = 'no_field' | 'field_too_long' | 'not_a_number' | 'not_a_text';

export type MaskValue = number | string;

/**
 * Writes piece by piece, so that whoever meters output can stop a mask that would fill the memory; gives back what is
 * wrong, if anything. `isLenient` takes a number for a text field and a text that reads as a number for a number field.
 */
export function printUsing(
  mask: string,
  values: readonly MaskValue[],
  put: (text: string) => void,
  isLenient = false,
): MaskProblem | null {
  const parts = parseMask(mask);
  if (parts === null) return 'field_too_long';
  if (!parts.some((part) => part.kind !== 'literal')) return 'no_field';
  let next = 0;
  for (let at = 0; ; at = (at + 1) % parts.length) {
    const part = parts[at]!;
    if (at === 0 && next >= values.length && next > 0) return null;
    if (part.kind === 'literal') {
      put(part.text);
      continue;
    }
    if (next >= values.length) return null;
    const value = values[next++]!;
    if (part.kind === 'text') {
      const text = typeof value === 'number' && isLenient ? numberText(value) : value;
      if (typeof text !== 'string') return 'not_a_text';
      put(part.width === null ? text : text.slice(0, part.width).padEnd(part.width));
    } else {
      const number = typeof value === 'string' && isLenient ? parseNumber(value) : value;
      if (typeof number !== 'number') return 'not_a_number';
      put(numberField(part, number));
    }
  }
}

type MaskPart =
  | { readonly kind: 'literal'; readonly text: string }
  /** Without a width the whole text. */
  | { readonly kind: 'text'; readonly width: number | null }
  | NumberField;

interface NumberField {
  readonly kind: 'number';
  readonly width: number;
  /** Places for digits before and behind the point. */
  readonly before: number;
  readonly behind: number;
  readonly hasPoint: boolean;
  readonly hasCommas: boolean;
  readonly hasStars: boolean;
  readonly hasDollar: boolean;
  readonly sign: 'none' | 'leading plus' | 'trailing plus' | 'trailing minus';
  /** Digits of the exponent; 0 without one. */
  readonly exponentDigits: number;
}

const digitsMax = 24;
const numberMask = /(\+?)(\*\*\$|\*\*|\$\$)?(?:([#][#,]*)?(\.?)(#*))(\^{4,5})?([+-]?)/y;

/** null when a field has more than 24 digits, which GW-BASIC refuses too. */
function parseMask(mask: string): readonly MaskPart[] | null {
  const parts: MaskPart[] = [];
  let literal = '';
  let at = 0;
  const field = (part: MaskPart, length: number): void => {
    if (literal !== '') parts.push({ kind: 'literal', text: literal });
    literal = '';
    parts.push(part);
    at += length;
  };
  while (at < mask.length) {
    const character = mask[at]!;
    if (character === '_' && at + 1 < mask.length) {
      literal += mask[at + 1];
      at += 2;
    } else if (character === '!') field({ kind: 'text', width: 1 }, 1);
    else if (character === '&') field({ kind: 'text', width: null }, 1);
    else if (character === '\\') {
      let end = at + 1;
      while (mask[end] === ' ') end++;
      if (mask[end] === '\\') field({ kind: 'text', width: end - at + 1 }, end - at + 1);
      else {
        // An open stroke is literal; so are its blanks, which are not looked at again.
        literal += mask.slice(at, end);
        at = end;
      }
    } else {
      const found = numberFieldAt(mask, at);
      if (found === null) {
        literal += character;
        at++;
      } else if (found.before + found.behind > digitsMax) return null;
      else field(found, found.width);
    }
  }
  if (literal !== '') parts.push({ kind: 'literal', text: literal });
  return parts;
}

function numberFieldAt(mask: string, at: number): NumberField | null {
  if (!/[+*$#.]/.test(mask[at]!)) return null;
  numberMask.lastIndex = at;
  const match = numberMask.exec(mask)!;
  const [, plus = '', filler = '', whole = '', point = '', fraction = '', power = '', behindSign = ''] = match;
  const before = whole.length + (filler.startsWith('*') ? 2 : filler === '$$' ? 1 : 0);
  if (before + fraction.length === 0) return null;
  // A second sign is not of this field; it may be of the next.
  const trailing = plus === '' ? behindSign : '';
  return {
    kind: 'number',
    width: match[0].length - behindSign.length + trailing.length,
    before,
    behind: fraction.length,
    hasPoint: point !== '',
    hasCommas: whole.includes(','),
    hasStars: filler.startsWith('*'),
    hasDollar: filler.endsWith('$'),
    sign: plus !== '' ? 'leading plus' : trailing === '+' ? 'trailing plus' : trailing === '-' ? 'trailing minus' : 'none',
    exponentDigits: power === '' ? 0 : power.length - 2,
  };
}

function numberField(field: NumberField, value: number): string {
  const size = Math.abs(value);
  // Without a place of its own the sign takes one of a digit; a dollar sign's second place is there for it.
  const takesDigit = field.sign === 'none' && !field.hasDollar;
  const places = takesDigit ? Math.max(0, field.before - 1) : field.before;
  let digits: string;
  if (!Number.isFinite(size)) digits = Number.isNaN(size) ? 'NAN' : 'INF';
  else if (field.exponentDigits > 0) digits = scaled(field, size, places);
  else digits = plain(field, size);
  const isNegative = value < 0;
  const leading = field.sign === 'leading plus' ? (isNegative ? '-' : '+') : field.sign === 'none' && isNegative ? '-' : '';
  const trailing =
    field.sign === 'trailing plus' ? (isNegative ? '-' : '+') : field.sign === 'trailing minus' ? (isNegative ? '-' : ' ') : '';
  const around = leading.length + trailing.length + (field.hasDollar ? 1 : 0);
  // The zero before the point is a courtesy: it goes when its place is needed, as in `-.50` for `#.##`.
  if (digits.startsWith('0.') && around + digits.length > field.width) digits = digits.slice(1);
  const text = `${leading}${field.hasDollar ? '$' : ''}${digits}${trailing}`;
  return text.length > field.width ? `%${text}` : text.padStart(field.width, field.hasStars ? '*' : ' ');
}

/** More digits than this are noise of the binary form: 2.675 is a little less than that, and is still meant to round up. */
const exactDigits = 15;

function plain(field: NumberField, size: number): string {
  const { digits, exponent } = roundedAt(size, field.behind);
  const whole = exponent < 0 ? '' : digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const decimals = `${'0'.repeat(Math.max(0, Math.min(field.behind, -exponent - 1)))}${exponent < 0 ? digits : digits.slice(exponent + 1)}`;
  const shown = whole === '' ? (field.before > 0 ? '0' : '') : whole;
  const grouped = field.hasCommas ? shown.replace(/\B(?=(?:\d{3})+$)/g, ',') : shown;
  return field.hasPoint ? `${grouped}.${decimals.padEnd(field.behind, '0').slice(0, field.behind)}` : grouped;
}

/** The digits of a number rounded to so many decimals, halves away from zero. */
function roundedAt(size: number, decimals: number): { digits: string; exponent: number } {
  const { digits, exponent } = significantDigits(size, exactDigits);
  const kept = exponent + 1 + decimals;
  if (digits.length <= kept) return { digits, exponent };
  if (kept < 0) return { digits: '', exponent: -1 };
  const isUp = digits[kept]! >= '5';
  if (!isUp) return { digits: digits.slice(0, kept), exponent };
  const raised = (BigInt(digits.slice(0, kept) || '0') + 1n).toString().padStart(kept, '0');
  return { digits: raised, exponent: exponent + Math.max(0, raised.length - kept) };
}

function scaled(field: NumberField, size: number, places: number): string {
  const count = places + field.behind;
  const { digits, exponent } = significantDigits(size, Math.max(1, Math.min(exactDigits, count)));
  const power = size === 0 ? 0 : exponent - places + 1;
  const all = digits.padEnd(count, '0');
  const point = field.hasPoint ? '.' : '';
  const tail = `E${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(field.exponentDigits, '0')}`;
  return `${all.slice(0, places)}${point}${all.slice(places, count)}${tail}`;
}
