import type { Host, HostFunctions } from '../host.ts';
import { parseDate } from './dates.ts';
import { roundTo } from './numbers.ts';
import { numberText, parseNumber, toText } from './values.ts';

type Locale = Host['locale'];

/**
 * FORMAT. A mask with `#` or `0` is for numbers (`#,##0.00`, `R$ #,##0.00`, `0000`, `0.0%`), written with a comma for
 * thousands and a point for decimals and shown the way the language does. A mask with letters is for dates, in the
 * .NET or the moment.js spelling: `yyyy-MM-dd`, `DD/MM/YYYY HH:mm`.
 */
export function formatFunctions(host: Host): HostFunctions {
  const { heap } = host;
  return {
    'fn:FORMAT': (low, high, maskCell) => {
      const value = heap.value(low!, high!);
      const mask = heap.text(maskCell!);
      const text = toText(heap, value);
      if (mask === '') return heap.makeText(typeof value === 'number' ? numberText(value) : text);
      const number = typeof value === 'number' ? value : typeof value === 'string' ? parseNumber(value) : null;
      if (number !== null && /[#0]/.test(mask)) return heap.makeText(formatNumber(number, mask, host.locale));
      const date = typeof value === 'number' ? { ms: value } : parseDate(text);
      return date && Math.abs(date.ms) < 8.64e15 ? heap.makeText(formatDate(date.ms, mask, host.locale)) : heap.makeText(text);
    },
  };
}

export function formatNumber(value: number, mask: string, locale: Locale): string {
  const match = /[#0][#0,.]*/.exec(mask);
  if (!match || !Number.isFinite(value)) return numberText(value);
  const before = mask.slice(0, match.index);
  const after = mask.slice(match.index + match[0].length);
  const [whole = '', fraction = ''] = match[0].split('.', 2);
  const shown = roundTo(Math.abs(mask.includes('%') ? value * 100 : value), Math.min(20, fraction.length));
  const [digits = '0', decimals = ''] = plainDigits(shown).split('.');
  const digitsMin = whole.replace(/[^0]/g, '').length;
  const decimalsMin = fraction.replace(/[^0]/g, '').length;
  let integer = digits === '0' && digitsMin === 0 && fraction !== '' ? '' : digits.padStart(digitsMin, '0');
  const [thousands, point] = locale === 'pt-BR' ? ['.', ','] : [',', '.'];
  if (whole.includes(',')) integer = integer.replace(/\B(?=(\d{3})+$)/g, thousands!);
  const tail = decimals.padEnd(decimalsMin, '0');
  const isNegative = value < 0 && /[1-9]/.test(integer + tail);
  return `${isNegative ? '-' : ''}${before}${integer}${tail === '' ? '' : point! + tail}${after}`;
}

/** Without an exponent, whatever the size. */
function plainDigits(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  return value >= 1 ? BigInt(Math.round(value)).toString() : value.toFixed(20).replace(/0+$/, '');
}

const months: Readonly<Record<Locale, readonly string[]>> = {
  en: 'January February March April May June July August September October November December'.split(' '),
  'pt-BR': 'janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro'.split(' '),
};
const weekdays: Readonly<Record<Locale, readonly string[]>> = {
  en: 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' '),
  'pt-BR': 'domingo segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado'.split(' '),
};

export function formatDate(ms: number, mask: string, locale: Locale): string {
  const date = new Date(ms);
  const pad = (value: number, width: number): string => String(value).padStart(width, '0');
  // In `dd/mm/yyyy` the author means months; with an hour beside them, mm are minutes.
  const areMinutes = /h/i.test(mask);
  const month = (width: number): string => {
    const name = months[locale][date.getUTCMonth()]!;
    return width >= 4 ? name : width === 3 ? name.slice(0, 3) : pad(date.getUTCMonth() + 1, width);
  };
  return mask.replace(
    /'([^']*)'|\[([^\]]*)\]|y+|Y+|M+|m+|d+|D+|H+|h+|s+|S+|tt|[aA]\b/g,
    (token, quoted: string | undefined, bracketed: string | undefined) => {
      const width = token.length;
      switch (token[0]) {
        case "'":
          return quoted ?? '';
        case '[':
          return bracketed ?? '';
        case 'y':
        case 'Y':
          return width <= 2 ? pad(date.getUTCFullYear() % 100, 2) : pad(date.getUTCFullYear(), 4);
        case 'M':
          return month(width);
        case 'm':
          return areMinutes ? pad(date.getUTCMinutes(), width) : month(width);
        case 'd':
        case 'D': {
          const name = weekdays[locale][date.getUTCDay()]!;
          return width >= 4 ? name : width === 3 ? name.slice(0, 3) : pad(date.getUTCDate(), width);
        }
        case 'H':
          return pad(date.getUTCHours(), width);
        case 'h':
          return pad(date.getUTCHours() % 12 || 12, width);
        case 's':
        case 'S':
          return pad(date.getUTCSeconds(), width);
        default:
          return date.getUTCHours() < 12 ? 'AM' : 'PM';
      }
    },
  );
}
