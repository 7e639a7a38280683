import type { Locale } from '../diagnostics.ts';
import { readCron } from './cron.ts';
import { isTimeZone, type ScheduleNow } from './next-time.ts';
import type { ScheduleRule } from './rule.ts';
import { readWords } from './words.ts';

export type ParsedSchedule = { readonly rule: ScheduleRule } | { readonly problem: string };

/** Longer texts are no schedule. */
const textCharactersMax = 200;

/**
 * Reads what SET SCHEDULE is given: five or six fields of cron, a date, or words in English or Portuguese, whichever
 * they are in; `locale` is the language of the problem. Without `now`, what is counted from now is a problem.
 */
export function parseSchedule(text: string, locale: Locale, now: ScheduleNow | null = null): ParsedSchedule {
  const say = (en: string, pt: string): ParsedSchedule => ({ problem: locale === 'pt-BR' ? pt : en });
  const given = text.trim().replace(/\s+/g, ' ');
  if (given === '' || given.length > textCharactersMax)
    return say(
      'Say when: five fields of cron like "0 9 * * 1", or words like "every monday at 9:30".',
      'Diga quando: cinco campos de cron como "0 9 * * 1" ou palavras como "toda segunda às 9h30".',
    );
  if (now !== null && !isTimeZone(now.timeZone))
    return say(`There is no time zone ${now.timeZone}.`, `Não há um fuso horário ${now.timeZone}.`);
  const macro = macros[given.toLowerCase()];
  if (macro !== undefined) return { rule: { kind: 'cron', cron: macro } };
  if (looksLikeCron(given)) return cronRule(given, say);
  const date = readDate(given);
  if (date === 'impossible') return say(`There is no such day: ${given}.`, `Não existe este dia: ${given}.`);
  if (date !== null) return { rule: { kind: 'once', at: date } };
  const read = readWords(withOpeningHours(given), now);
  return 'rule' in read ? read : say(read.en, read.pt);
}

/** Nine to five on weekdays, every hour when nothing else is said: what people mean by business hours. */
function withOpeningHours(text: string): string {
  const alone = /^(?:(?:during|in|em|no|durante o) )?(business hours|horario comercial|horário comercial)$/i.exec(text)?.[1];
  if (alone !== undefined)
    return /^b/i.test(alone) ? 'every hour from 9 to 17 on weekdays' : 'a cada hora das 9 às 17 nos dias úteis';
  return text
    .replace(/\b(?:during|in) business hours\b/i, 'from 9 to 17 on weekdays')
    .replace(/\b(?:em|no|durante o) hor[aá]rio comercial\b/i, 'das 9 às 17 nos dias úteis');
}

const macros: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

function looksLikeCron(text: string): boolean {
  const fields = text.split(' ');
  return (
    fields.length >= 5 &&
    fields.length <= 7 &&
    fields.every((field) => /^[\d*?LW][\d*?/,\-#LW+]*$|^[a-z]{3}\b[a-z\d,\-#]*$/i.test(field))
  );
}

function cronRule(text: string, say: (en: string, pt: string) => ParsedSchedule): ParsedSchedule {
  const fields = text
    .toUpperCase()
    .split(' ')
    .map((field) => field.replace('?', '*'));
  if (fields.length > 6)
    return say('A schedule has five fields, or six with seconds.', 'Um agendamento tem cinco campos, ou seis com segundos.');
  if (fields.length === 6 && !/^\d+$/.test(fields[0]!))
    return say(
      'A schedule can run once a minute at most: the first of six fields is one second, like 0.',
      'Um agendamento pode rodar no máximo uma vez por minuto: o primeiro de seis campos é um só segundo, como 0.',
    );
  const cron = fields.length === 6 && Number(fields[0]) === 0 ? fields.slice(1).join(' ') : fields.join(' ');
  if (!readCron(cron))
    return say(
      `"${text}" is not a schedule: the fields are minute, hour, day, month, day of the week.`,
      `"${text}" não é um agendamento: os campos são minuto, hora, dia, mês, dia da semana.`,
    );
  return { rule: { kind: 'cron', cron } };
}

/** `2026-12-31 09:00`, `31/12/2026 9:00`, or an instant as programs write it; the form of `once`. */
function readDate(text: string): string | 'impossible' | null {
  const iso = /^(\d{4})-(\d\d?)-(\d\d?)(?:[T ,]+(\d\d?):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/i.exec(text);
  const own = /^(\d\d?)[/.](\d\d?)[/.](\d{4})(?:[T ,]+(?:às )?(\d\d?):(\d\d)(?::(\d\d))?)?$/i.exec(text);
  if (!iso && !own) return null;
  const [year, month, day] = iso ? [iso[1], iso[2], iso[3]] : [own![3], own![2], own![1]];
  const [hour = '0', minute = '0', second = '0', zone] = (iso ?? own)!.slice(4);
  const two = (digits: string | undefined) => (digits ?? '').padStart(2, '0');
  const at = `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
  const utcMs = Date.parse(`${at}Z`);
  // Date.parse takes the 30th of February for the 1st of March.
  if (Number.isNaN(utcMs) || new Date(utcMs).toISOString().slice(0, 19) !== at) return 'impossible';
  if (zone === undefined) return at;
  return new Date(Date.parse(`${at}${zone.toUpperCase().replace(/(\d\d)(\d\d)$/, '$1:$2')}`)).toISOString();
}

/** Whether the day exists, `2026-12-31`. */
export const isDay = (day: string): boolean => readDate(day) === `${day}T00:00:00`;
