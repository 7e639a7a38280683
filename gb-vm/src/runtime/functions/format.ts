import { fail, type Host, type HostFunctions } from '../host.ts';
import { Arguments, describeDate } from './arguments.ts';
import { localWhen } from './date-text.ts';
import { monthNames, weekdayNames } from './names-of-days.ts';
import { roundTo } from './numbers.ts';
import { numberText, parseNumber } from './values.ts';

type Locale = Host['locale'];

/**
 * FORMAT. A mask with `#` or `0` is for numbers (`#,##0.00`, `R$ #,##0.00`, `0000`, `0.0%`), written with a comma for
 * thousands and a point for decimals and shown the way the language does; `positive;negative;zero` may differ. A mask
 * with letters is for dates, in the .NET or the moment.js spelling: `yyyy-MM-dd`, `DD/MM/YYYY HH:mm`. The names that
 * Visual Basic and .NET give to usual masks (`Currency`, `N2`, `Short Date`) are known too.
 */
export function formatFunctions(host: Host): HostFunctions {
  const { heap } = host;
  const args = new Arguments(host);
  /** A date by a mask of the script or, without one, by a mask that has a name. */
  const dated =
    (usual: string) =>
    (low?: number, high?: number, maskCell?: number, position?: number): number => {
      const value = heap.value(low!, high!);
      if (heap.textLength(maskCell!) > maskMax) args.whole(maskMax + 1, 0, maskMax, position!);
      const date = localWhen(host, value) ?? fail('invalid_date', position!, describeDate(value));
      const mask = heap.text(maskCell!) || usual;
      return heap.makeText(formatDate(date.ms, namedDate(mask, host.locale) ?? mask, host.locale));
    };
  return {
    'fn:FORMAT DATE': dated('short date'),
    'fn:FORMAT TIME': dated('short time'),
    'fn:FORMAT': (low, high, maskCell, position) => {
      const value = heap.value(low!, high!);
      const text = args.textOf(value);
      if (heap.textLength(maskCell!) > maskMax) args.whole(maskMax + 1, 0, maskMax, position!);
      const mask = heap.text(maskCell!);
      if (mask === '') return heap.makeText(text);
      heap.charge(8);
      const number = typeof value === 'number' ? value : typeof value === 'string' ? parseNumber(value) : null;
      if (number !== null) {
        const found =
          namedNumber(mask, number, host.locale) ?? (isNumberMask(mask) ? formatNumber(number, mask, host.locale) : null);
        if (found !== null) return heap.makeText(found);
      }
      const answer = typeof value === 'boolean' ? yesNo(mask, value, host.locale) : null;
      if (answer !== null) return heap.makeText(answer);
      const date = localWhen(host, value);
      if (date) return heap.makeText(formatDate(date.ms, namedDate(mask, host.locale) ?? mask, host.locale));
      return heap.makeText(formatText(text, mask));
    },
  };
}

const maskMax = 200;

// Numbers

/** Whether digits are wanted outside what is quoted. */
function isNumberMask(mask: string): boolean {
  return /[#0]/.test(mask.replace(/"[^"]*"|'[^']*'|\\./g, ''));
}

const separators: Readonly<Record<Locale, readonly [thousands: string, point: string]>> = { en: [',', '.'], 'pt-BR': ['.', ','] };

function formatNumber(value: number, mask: string, locale: Locale): string {
  if (!Number.isFinite(value)) return numberText(value);
  const sections = cutSections(mask);
  if (sections.length > 1) {
    if (value === 0 && sections[2]) return section(0, sections[2], locale);
    // The second section says itself how a minus looks.
    if (value < 0 && sections[1]) return section(-value, sections[1], locale);
  }
  const shown = section(Math.abs(value), sections[0]!, locale);
  return value < 0 && /[1-9]/.test(shown) ? `-${shown}` : shown;
}

function cutSections(mask: string): string[] {
  const parts = [''];
  for (const [token] of mask.matchAll(/"[^"]*"|'[^']*'|\\.|[\s\S]/g)) {
    if (token === ';') parts.push('');
    else parts[parts.length - 1] += token;
  }
  return parts;
}

function section(value: number, mask: string, locale: Locale): string {
  const tokens = mask.match(/"[^"]*"|'[^']*'|\\.|[#0][#0,.]*(?:[eE][+-]?0+)?|[\s\S]/g) ?? [];
  const at = tokens.findIndex(isDigits);
  const literal = (parts: readonly string[]): string =>
    parts
      .map((token) => (/^["'].*["']$/.test(token) && token.length > 1 ? token.slice(1, -1) : token.replace(/^\\(.)$/, '$1')))
      .join('');
  if (at < 0) return literal(tokens);
  const places = tokens.filter(isDigits);
  if (places.length > 1 && places.every((token) => !/[.,eE]/.test(token)))
    return literal(spread(roundTo(value, 0), tokens, places.join('').length));
  const percent = tokens.some((token) => token === '%') ? 100 : 1;
  const digits = tokens[at]!;
  const exponent = /[eE][+-]?0+$/.exec(digits)?.[0];
  const body = exponent ? scientific(value, digits, exponent, locale) : fixed(value * percent, digits, locale);
  return literal(tokens.slice(0, at)) + body + literal(tokens.slice(at + 1));
}

const isDigits = (token: string): boolean => token[0] === '#' || token[0] === '0';

/** Digits with signs between, as in a telephone number: `(00) 00000-0000`. They are filled from behind; the first place takes the rest. */
function spread(value: number, tokens: readonly string[], count: number): string[] {
  let digits = plainDigits(value).padStart(count, '0');
  const first = tokens.findIndex(isDigits);
  const filled = tokens.map((token) => token);
  for (let at = tokens.length - 1; at >= first; at--) {
    if (!isDigits(tokens[at]!)) continue;
    const size = at === first ? digits.length : tokens[at]!.length;
    filled[at] = digits.slice(digits.length - size);
    digits = digits.slice(0, digits.length - size);
  }
  return filled;
}

function fixed(value: number, digits: string, locale: Locale): string {
  const [thousands, point] = separators[locale];
  const [written = '', ...rest] = digits.split('.');
  const fraction = rest.join('').replace(/,/g, '');
  // Commas behind the last digit divide by a thousand each.
  const scale = /,*$/.exec(written)![0].length;
  const whole = written.slice(0, written.length - scale);
  const shown = roundTo(scale > 0 ? value / 1000 ** scale : value, Math.min(20, fraction.length));
  const [integer = '0', decimals = ''] = plainDigits(shown).split('.');
  const digitsMin = whole.replace(/[^0]/g, '').length;
  let left = integer === '0' && digitsMin === 0 && fraction !== '' ? '' : integer.padStart(digitsMin, '0');
  if (whole.includes(',')) left = left.replace(/\B(?=(\d{3})+$)/g, thousands);
  const tail = decimals.padEnd(fraction.lastIndexOf('0') + 1, '0');
  return tail === '' ? left || '0' : left + point + tail;
}

function scientific(value: number, digits: string, exponent: string, locale: Locale): string {
  const mantissa = digits.slice(0, digits.length - exponent.length);
  const power = value === 0 ? 0 : Math.floor(Math.log10(value) + 1e-12);
  const sign = power < 0 ? '-' : exponent[1] === '+' ? '+' : '';
  const width = exponent.replace(/[^0]/g, '').length;
  return `${fixed(value / 10 ** power, mantissa, locale)}${exponent[0]}${sign}${String(Math.abs(power)).padStart(width, '0')}`;
}

/** Without an exponent, whatever the size. */
function plainDigits(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  return value >= 1 ? BigInt(Math.round(value)).toString() : value.toFixed(20).replace(/\.?0+$/, '');
}

/** The masks that have names: those of Visual Basic, and a letter with decimals as in .NET. */
function namedNumber(mask: string, value: number, locale: Locale): string | null {
  const currency = locale === 'pt-BR' ? 'R$ ' : '$';
  const zeros = (count: number): string => (count > 0 ? `.${'0'.repeat(count)}` : '');
  switch (mask.toLowerCase()) {
    case 'general number':
      return numberText(value);
    case 'currency':
      return formatNumber(value, `"${currency}"#,##0.00`, locale);
    case 'fixed':
      return formatNumber(value, '0.00', locale);
    case 'standard':
      return formatNumber(value, '#,##0.00', locale);
    case 'percent':
      return formatNumber(value, '0.00%', locale);
    case 'scientific':
      return formatNumber(value, '0.00E+00', locale);
    default:
  }
  const answer = yesNo(mask, value !== 0, locale);
  if (answer !== null) return answer;
  const net = /^([CNFPDE])(\d{0,2})$/i.exec(mask);
  if (!net) return null;
  const places = net[2] === '' ? 2 : Math.min(20, Number(net[2]));
  switch (net[1]!.toUpperCase()) {
    case 'C':
      return formatNumber(value, `"${currency}"#,##0${zeros(places)}`, locale);
    case 'N':
      return formatNumber(value, `#,##0${zeros(places)}`, locale);
    case 'F':
      return formatNumber(value, `0${zeros(places)}`, locale);
    case 'P':
      return formatNumber(value, `#,##0${zeros(places)}%`, locale);
    case 'E':
      return formatNumber(value, `0${zeros(places)}E+000`, locale);
    default:
      // `D` alone is a date.
      return net[2] === '' ? null : formatNumber(roundTo(value, 0), '0'.repeat(Math.max(1, places)), locale);
  }
}

function yesNo(mask: string, value: boolean, locale: Locale): string | null {
  const words = /^(yes\/no|true\/false|on\/off)$/i.exec(mask)?.[1]?.toLowerCase();
  if (!words) return null;
  const [yes, no] = locale === 'pt-BR' ? portuguese[words]! : english[words]!;
  return value ? yes : no;
}

const english: Readonly<Record<string, readonly [string, string]>> = {
  'yes/no': ['Yes', 'No'],
  'true/false': ['True', 'False'],
  'on/off': ['On', 'Off'],
};
const portuguese: typeof english = {
  'yes/no': ['Sim', 'Não'],
  'true/false': ['Verdadeiro', 'Falso'],
  'on/off': ['Ligado', 'Desligado'],
};

// Texts

/** `>` capitals, `<` small letters, `@` a character each; any other mask leaves a text as it is. */
function formatText(text: string, mask: string): string {
  if (mask === '>') return text.toUpperCase();
  if (mask === '<') return text.toLowerCase();
  if (!/^[@\s\-./()]*@[@\s\-./()]*$/.test(mask)) return text;
  const characters = [...text];
  const places = mask.split('@').length - 1;
  if (characters.length !== places) return text;
  let next = 0;
  return mask.replace(/@/g, () => characters[next++] ?? '');
}

// Dates

function namedDate(mask: string, locale: Locale): string | null {
  const isPortuguese = locale === 'pt-BR';
  switch (mask.toLowerCase()) {
    case 'general date':
      return isPortuguese ? 'dd/MM/yyyy HH:mm:ss' : 'M/d/yyyy h:mm:ss tt';
    case 'long date':
      return isPortuguese ? "dddd, d 'de' MMMM 'de' yyyy" : 'dddd, MMMM d, yyyy';
    case 'medium date':
      return 'dd-MMM-yy';
    case 'short date':
      return isPortuguese ? 'dd/MM/yyyy' : 'M/d/yyyy';
    case 'long time':
      return isPortuguese ? 'HH:mm:ss' : 'h:mm:ss tt';
    case 'medium time':
      return 'hh:mm tt';
    case 'short time':
      return 'HH:mm';
    case 'iso':
      return 'yyyy-MM-ddTHH:mm:ss';
    default:
      return null;
  }
}

const dateTokens = /'([^']*)'|"([^"]*)"|\[([^\]]*)\]|\\(.)|y+|Y+|M+|m+|D+o|d+|Do|D+|H+|h+|s+|S+|f+|Q|tt|[aA](?![a-zA-Z])|n+/g;

function formatDate(ms: number, mask: string, locale: Locale): string {
  const date = new Date(ms);
  const pad = (value: number, width: number): string => String(value).padStart(Math.min(width, 4), '0');
  const hasMonths = mask.includes('M');
  const month = (width: number): string => {
    const name = monthNames[locale][date.getUTCMonth()]!;
    return width >= 4 ? name : width === 3 ? name.slice(0, 3) : pad(date.getUTCMonth() + 1, width);
  };
  let last = '';
  return mask.replace(
    dateTokens,
    (token: string, single: string, double: string, bracketed: string, escaped: string, offset: number) => {
      const width = token.length;
      const before = last;
      last = token[0]!;
      switch (token[0]) {
        case "'":
          return single ?? '';
        case '"':
          return double ?? '';
        case '[':
          return bracketed ?? '';
        case '\\':
          return escaped ?? '';
        case 'y':
        case 'Y':
          return width <= 2 ? pad(date.getUTCFullYear() % 100, 2) : pad(date.getUTCFullYear(), 4);
        case 'M':
          return month(width);
        case 'm':
          // In `dd/mm/yyyy hh:mm` the author means months first; minutes are what follows the hour or stands at a colon.
          return hasMonths || /h/i.test(before) || mask[offset - 1] === ':' || mask[offset + width] === ':'
            ? pad(date.getUTCMinutes(), width)
            : month(width);
        case 'n':
          return pad(date.getUTCMinutes(), width);
        case 'd':
        case 'D': {
          if (token.endsWith('o')) return ordinal(date.getUTCDate(), locale);
          const name = weekdayNames[locale][date.getUTCDay()]!;
          return width >= 4 ? name : width === 3 ? name.slice(0, 3) : pad(date.getUTCDate(), width);
        }
        case 'H':
          return pad(date.getUTCHours(), width);
        case 'h':
          return pad(date.getUTCHours() % 12 || 12, width);
        case 's':
          return pad(date.getUTCSeconds(), width);
        case 'S':
          return width >= 3 ? pad(date.getUTCMilliseconds(), 3) : pad(date.getUTCSeconds(), width);
        case 'f':
          return pad(date.getUTCMilliseconds(), 3).slice(0, width);
        case 'Q':
          return String(Math.floor(date.getUTCMonth() / 3) + 1);
        default: {
          const isMorning = date.getUTCHours() < 12;
          return token === 'a' ? (isMorning ? 'am' : 'pm') : isMorning ? 'AM' : 'PM';
        }
      }
    },
  );
}

function ordinal(day: number, locale: Locale): string {
  if (locale === 'pt-BR') return `${day}º`;
  const ending = day % 100 >= 11 && day % 100 <= 13 ? 'th' : ['th', 'st', 'nd', 'rd'][day % 10];
  return `${day}${ending ?? 'th'}`;
}
