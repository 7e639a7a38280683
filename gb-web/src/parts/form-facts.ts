import type { Attachment, Form, FormValues, Locale } from 'gb-protocol';
import { isEmptyAnswer } from 'gb-protocol';

/** The answers to a form as names and values, in its order, written as the language writes them. */
export function answerFacts(
  form: Form,
  values: FormValues,
  attachments: readonly Attachment[],
  locale: Locale,
): { readonly name: string; readonly value: string }[] {
  return form.fields.flatMap((field) => {
    const value = Object.hasOwn(values, field.name) ? values[field.name]! : null;
    if (isEmptyAnswer(value)) return [];
    return [{ name: field.label, value: written(field.type, value, attachments, locale) }];
  });
}

function written(type: string, value: string | number | boolean, attachments: readonly Attachment[], locale: Locale): string {
  if (typeof value === 'boolean') return locale === 'pt-BR' ? (value ? 'Sim' : 'Não') : value ? 'Yes' : 'No';
  if (typeof value === 'number') return new Intl.NumberFormat(locale, { maximumFractionDigits: 20 }).format(value);
  if (type === 'file') return attachments.find((file) => file.id === value)?.name ?? value;
  if (type === 'date') {
    const date = new Date(`${value}T00:00:00Z`);
    if (!Number.isNaN(date.getTime()))
      return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(date);
  }
  return value;
}
