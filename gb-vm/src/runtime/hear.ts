import { dateText, parseDate } from './functions/date-text.ts';
import { roundTo } from './functions/numbers.ts';

export type Locale = 'en' | 'pt-BR';
export type Answer = string | number | boolean;

/** No number, address or name is longer; the patterns below are then never given room to be slow. */
const typedAnswerMax = 2000;

/**
 * Reads an answer as what the program asked for and gives back the normalised value, or null when it does not fit.
 * People answer in sentences of one word, with blanks, capitals and thousands separators: all of that is taken.
 */
export function readAnswer(type: string, text: string, locale: Locale): Answer | null {
  const answer = text.trim();
  const reader = readers[type];
  if (!reader) return answer;
  return answer.length > typedAnswerMax ? null : reader(answer, locale);
}

/** The choice that was meant: its text in any case and with or without accents, or its number in the list. */
export function readChoice(choices: readonly string[], text: string, isOpen: boolean): string | null {
  const wanted = folded(text);
  const exact = choices.find((choice) => folded(choice) === wanted);
  if (exact !== undefined) return exact;
  const number = /^\d{1,3}$/.test(wanted) ? choices[Number(wanted) - 1] : undefined;
  return number ?? (isOpen && text.trim() !== '' ? text.trim() : null);
}

/** Without case, accents and outer blanks: how two spellings of a word are told to be the same. */
export function folded(text: string): string {
  return text.trim().normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

type Reader = (answer: string, locale: Locale) => Answer | null;

const yes = new Set([
  'yes',
  'y',
  'yeah',
  'yep',
  'yup',
  'sure',
  'ok',
  'okay',
  'true',
  '1',
  'of course',
  'sim',
  's',
  'claro',
  'com certeza',
  'isso',
  'verdadeiro',
  'quero',
  'pode ser',
]);
const no = new Set(['no', 'n', 'nope', 'nah', 'false', '0', 'not now', 'nao', 'nunca', 'falso', 'nem', 'agora nao']);

const matching =
  (pattern: RegExp, change: (text: string) => string = (text) => text): Reader =>
  (answer) =>
    pattern.test(answer) ? change(answer) : null;
const digits = (text: string): string => text.replace(/\D/g, '');

const phone: Reader = (answer) => {
  const number = digits(answer);
  return /^\+?[\d\s().-]+$/.test(answer) && number.length >= 8 && number.length <= 15
    ? answer.startsWith('+')
      ? `+${number}`
      : number
    : null;
};

const time: Reader = (answer) => {
  const match = /^(\d{1,2})(?:\s*[:hH.]\s*(\d{2})?\s*(?:min)?)?\s*(am|pm)?$/i.exec(answer);
  if (!match) return null;
  const half = match[3]?.toLowerCase();
  const given = Number(match[1]);
  if (half && (given < 1 || given > 12)) return null;
  const hour = half ? (given % 12) + (half === 'pm' ? 12 : 0) : given;
  const minute = Number(match[2] ?? 0);
  return hour < 24 && minute < 60 ? `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}` : null;
};

/** A file is told by its name or address; of which kind it is, by its ending. */
const file =
  (endings: string): Reader =>
  (answer) =>
    new RegExp(`^[^\\0-\\x1f]{1,500}\\.(?:${endings})(?:[?#]\\S*)?$`, 'i').test(answer) ? answer : null;

const readers: Readonly<Record<string, Reader>> = {
  INTEGER: (answer, locale) => {
    const number = readNumber(answer, locale);
    return number !== null && Number.isInteger(number) ? number : null;
  },
  NUMBER: readNumber,
  FLOAT: readNumber,
  MONEY: (answer, locale) => {
    const number = readNumber(
      answer.replace(/^(?:R\$|US\$|USD|BRL|EUR|[$€£])\s*|\s*(?:R\$|US\$|USD|BRL|EUR|[$€£]|reais|dollars)$/gi, ''),
      locale,
    );
    return number === null ? null : roundTo(number, 2);
  },
  BOOLEAN: (answer) => {
    const word = folded(answer).replace(/[.!]+$/, '');
    return yes.has(word) ? true : no.has(word) ? false : null;
  },
  EMAIL: matching(/^[^\s@<>()[\],;:"]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i, (text) =>
    text.toLowerCase(),
  ),
  DATE: (answer) => {
    const date = parseDate(answer);
    return date ? dateText({ ms: date.ms, hasTime: false }) : null;
  },
  HOUR: time,
  TIME: time,
  DATETIME: (answer, locale) => {
    const date = parseDate(answer);
    if (date?.hasTime) return dateText(date);
    // "31/12/2026 às 14h30", "2026-12-31 at 2:30 pm"
    const cut = /^(\S+)[,\s]+(?:at|às|as)?\s*(.+)$/i.exec(answer);
    const day = cut && parseDate(cut[1]!);
    const hour = cut && time(cut[2]!, locale);
    return day && hour ? `${dateText({ ms: day.ms, hasTime: false })} ${hour}:00` : null;
  },
  PHONE: phone,
  MOBILE: phone,
  NAME: (answer) => {
    const name = answer.replace(/\s+/g, ' ');
    return /^\p{L}[\p{L}\p{M}'’. -]{0,99}$/u.test(name) ? name.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase()) : null;
  },
  URL: (answer) => {
    const text = /^[a-z][a-z0-9+.-]*:/i.test(answer) ? answer : `https://${answer}`;
    return /^https?:\/\/(?:[^\s/?#.]+\.)+[^\s/?#.]{2,}(?:[/?#]\S*)?$/i.test(text) ? text : null;
  },
  UUID: matching(/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i, (text) =>
    text
      .replaceAll('-', '')
      .toLowerCase()
      .replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5'),
  ),
  ZIPCODE: (answer) => {
    const match = /^(\d{5})-?(\d{3})$/.exec(answer);
    if (match) return `${match[1]}-${match[2]}`;
    return /^\d{5}(?:-\d{4})?$/.test(answer) || /^(?=.*\d)[A-Z\d]{2,4}[ -]?[A-Z\d]{3}$/i.test(answer)
      ? answer.toUpperCase()
      : null;
  },
  CPF: (answer) => {
    const number = digits(answer);
    const isRight =
      /^[\d.\s-]+$/.test(answer) &&
      number.length === 11 &&
      !/^(\d)\1+$/.test(number) &&
      checkDigits(number, 9, (index, length) => length + 1 - index);
    return isRight ? number.replace(/(\d{3})(\d{3})(\d{3})(\d{2})/, '$1.$2.$3-$4') : null;
  },
  CNPJ: (answer) => {
    const number = digits(answer);
    const isRight =
      /^[\d./\s-]+$/.test(answer) &&
      number.length === 14 &&
      !/^(\d)\1+$/.test(number) &&
      checkDigits(number, 12, (index, length) => ((length - index - 1) % 8) + 2);
    return isRight ? number.replace(/(\d{2})(\d{3})(\d{3})(\d{4})(\d{2})/, '$1.$2.$3/$4-$5') : null;
  },
  CREDITCARD: (answer) => {
    const number = digits(answer);
    return /^[\d\s-]+$/.test(answer) && number.length >= 12 && number.length <= 19 && isLuhn(number) ? number : null;
  },
  PASSWORD: (answer) => answer || null,
  LOGIN: matching(/^[^\s]{1,200}$/),
  QRCODE: (answer) => answer || null,
  FILE: file('[a-z0-9]{1,10}'),
  DOCUMENT: file('pdf|docx?|odt|rtf|txt|md|xlsx?|ods|csv|pptx?|odp'),
  IMAGE: file('jpe?g|png|gif|webp|bmp|svg|heic|avif'),
  AUDIO: file('mp3|ogg|oga|opus|wav|m4a|aac|flac|weba'),
  VIDEO: file('mp4|webm|mov|mkv|avi|m4v|ogv'),
  COLOR: (answer) => {
    const match = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(answer);
    const hex = match?.[1]?.toLowerCase();
    if (hex) return `#${hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex}`;
    return colors[folded(answer)] ?? null;
  },
  LANGUAGE: (answer) => {
    const word = folded(answer);
    return Object.keys(languages).find((code) => code === word || languages[code]!.split(' ').includes(word)) ?? null;
  },
};

/** `1,234.5` in English and `1.234,5` in Portuguese; a lone comma or point is taken as the decimal sign it must be. */
function readNumber(answer: string, locale: Locale): number | null {
  const text = answer.replace(/\s/g, '');
  if (text.length > 40 || !/^[+-]?[\d.,]*\d[\d.,]*$/.test(text)) return null;
  const [group, point] = locale === 'pt-BR' ? ['.', ','] : [',', '.'];
  const isGrouped = new RegExp(`^[+-]?\\d{1,3}(?:\\${group}\\d{3})+(?:\\${point}\\d+)?$`).test(text);
  const plain = isGrouped ? text.replaceAll(group!, '').replace(point!, '.') : text.replace(',', '.');
  return /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : null;
}

/** The two check digits of a CPF or CNPJ, each the weighted sum of all digits before it, modulo 11. */
function checkDigits(number: string, length: number, weight: (index: number, length: number) => number): boolean {
  for (let count = length; count < length + 2; count++) {
    let sum = 0;
    for (let index = 0; index < count; index++) sum += Number(number[index]) * weight(index, count);
    const rest = sum % 11;
    if (Number(number[count]) !== (rest < 2 ? 0 : 11 - rest)) return false;
  }
  return true;
}

/** The check digit of payment cards (ISO/IEC 7812-1, annex B). */
function isLuhn(number: string): boolean {
  let sum = 0;
  for (let index = 0; index < number.length; index++) {
    const digit = Number(number[number.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

const colors: Readonly<Record<string, string>> = {
  black: '#000000',
  preto: '#000000',
  white: '#ffffff',
  branco: '#ffffff',
  red: '#ff0000',
  vermelho: '#ff0000',
  green: '#008000',
  verde: '#008000',
  blue: '#0000ff',
  azul: '#0000ff',
  yellow: '#ffff00',
  amarelo: '#ffff00',
  orange: '#ffa500',
  laranja: '#ffa500',
  purple: '#800080',
  roxo: '#800080',
  pink: '#ffc0cb',
  rosa: '#ffc0cb',
  brown: '#a52a2a',
  marrom: '#a52a2a',
  gray: '#808080',
  grey: '#808080',
  cinza: '#808080',
};

const languages: Readonly<Record<string, string>> = {
  en: 'english ingles',
  pt: 'portuguese portugues pt-br',
  es: 'spanish espanhol castellano espanol',
  fr: 'french frances francais',
  de: 'german alemao deutsch',
  it: 'italian italiano',
  ja: 'japanese japones',
  zh: 'chinese chines mandarin',
  ru: 'russian russo',
  ar: 'arabic arabe',
  hi: 'hindi',
  ko: 'korean coreano',
  nl: 'dutch holandes',
  pl: 'polish polones',
  tr: 'turkish turco',
  uk: 'ukrainian ucraniano',
  he: 'hebrew hebraico',
  sv: 'swedish sueco',
};

/** The friendly sentence that asks again. */
export function askAgain(type: string, locale: Locale): string {
  const pair = again[type] ?? again['TEXT']!;
  return pair[locale === 'pt-BR' ? 1 : 0];
}

const again: Readonly<Record<string, readonly [string, string]>> = {
  TEXT: ['Please write an answer.', 'Por favor, escreva uma resposta.'],
  MENU: ['Please choose one of these:', 'Por favor, escolha uma destas opções:'],
  CHOOSE: ['Please choose:', 'Escolha uma opção:'],
  INTEGER: ['Please send a whole number, like 5.', 'Por favor, envie um número inteiro, como 5.'],
  NUMBER: ['Please send a number, like 5 or 2.5.', 'Por favor, envie um número, como 5 ou 2,5.'],
  FLOAT: ['Please send a number, like 5 or 2.5.', 'Por favor, envie um número, como 5 ou 2,5.'],
  MONEY: ['Please send an amount, like 49.90.', 'Por favor, envie um valor, como 49,90.'],
  BOOLEAN: ['Please answer yes or no.', 'Por favor, responda sim ou não.'],
  EMAIL: ['That does not look like an e-mail address. Please try again.', 'Isso não parece um e-mail. Por favor, tente de novo.'],
  DATE: ['Please send a date, like 2026-12-31.', 'Por favor, envie uma data, como 31/12/2026.'],
  HOUR: ['Please send a time, like 14:30.', 'Por favor, envie um horário, como 14:30.'],
  PHONE: ['Please send a phone number with area code.', 'Por favor, envie um telefone com DDD.'],
  MOBILE: ['Please send a mobile number with area code.', 'Por favor, envie um celular com DDD.'],
  NAME: ['Please send a name, in letters.', 'Por favor, envie um nome, em letras.'],
  URL: [
    'Please send a web address, like https://example.com.',
    'Por favor, envie um endereço da web, como https://exemplo.com.br.',
  ],
  UUID: ['Please send a UUID.', 'Por favor, envie um UUID.'],
  ZIPCODE: ['Please send a postal code.', 'Por favor, envie um CEP, como 01310-100.'],
  CPF: ['That CPF is not right. Please check its digits.', 'Esse CPF não está certo. Por favor, confira os dígitos.'],
  CNPJ: ['That CNPJ is not right. Please check its digits.', 'Esse CNPJ não está certo. Por favor, confira os dígitos.'],
  COLOR: ['Please send a colour, like blue or #3366ff.', 'Por favor, envie uma cor, como azul ou #3366ff.'],
  TIME: ['Please send a time, like 14:30.', 'Por favor, envie um horário, como 14:30.'],
  DATETIME: ['Please send a date and time, like 2026-12-31 14:30.', 'Por favor, envie data e hora, como 31/12/2026 14:30.'],
  CREDITCARD: [
    'That card number is not right. Please check its digits.',
    'Esse número de cartão não está certo. Por favor, confira os dígitos.',
  ],
  PASSWORD: ['Please send a password.', 'Por favor, envie uma senha.'],
  LOGIN: ['Please send a user name, without blanks.', 'Por favor, envie um nome de usuário, sem espaços.'],
  QRCODE: ['Please send a QR code.', 'Por favor, envie um código QR.'],
  FILE: ['Please send a file.', 'Por favor, envie um arquivo.'],
  DOCUMENT: ['Please send a document, like a PDF.', 'Por favor, envie um documento, como um PDF.'],
  IMAGE: ['Please send a picture.', 'Por favor, envie uma imagem.'],
  AUDIO: ['Please send a sound.', 'Por favor, envie um áudio.'],
  VIDEO: ['Please send a video.', 'Por favor, envie um vídeo.'],
  LANGUAGE: ['Please send a language, like English or Portuguese.', 'Por favor, envie um idioma, como português ou inglês.'],
};
