import type { Form, FormField } from './entities.ts';
import { limits } from './limits.ts';

export const formFieldTypes = [
  'text',
  'longText',
  'number',
  'date',
  'time',
  'email',
  'phone',
  'url',
  'boolean',
  'choice',
  'file',
] as const satisfies readonly FormField['type'][];

/** What is wrong with one answer; a client has a sentence for each. */
export type FormProblem = 'required' | 'unknown' | 'too_long' | FormField['type'];
export type FormValue = string | number | boolean | null;
export type FormValues = Readonly<Record<string, FormValue>>;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * What is wrong with the answers to a form, by the names of its fields; nothing when they can be taken. The same check
 * runs where the form is filled in and where the answer is stored, so that a form never passes here and fails there.
 */
export function formProblems(form: Form, values: FormValues): ReadonlyMap<string, FormProblem> {
  const problems = new Map<string, FormProblem>();
  const names = new Set(form.fields.map((field) => field.name));
  for (const name of Object.keys(values)) if (!names.has(name)) problems.set(name, 'unknown');
  for (const field of form.fields) {
    const value = Object.hasOwn(values, field.name) ? values[field.name]! : null;
    if (isEmpty(value)) {
      if (field.isRequired) problems.set(field.name, 'required');
    } else if (typeof value === 'string' && value.length > limits.formValueMax) problems.set(field.name, 'too_long');
    else if (!fits(field, value)) problems.set(field.name, field.type);
  }
  return problems;
}

export function isEmpty(value: FormValue): value is null | '' {
  return value === null || (typeof value === 'string' && value.trim() === '');
}

function fits(field: FormField, value: string | number | boolean): boolean {
  if (field.type === 'number') return typeof value === 'number' && Number.isFinite(value);
  if (field.type === 'boolean') return typeof value === 'boolean';
  if (typeof value !== 'string' || !value.isWellFormed() || value.includes('\0')) return false;
  switch (field.type) {
    case 'text':
      return !/[\r\n]/.test(value);
    case 'longText':
      return true;
    case 'date':
      return isDate(value);
    case 'time':
      return /^([01]\d|2[0-3]):[0-5]\d$/.test(value);
    case 'email':
      return /^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+$/.test(value) && value.length <= limits.emailMax;
    case 'phone':
      return /^\+?[\d\s().-]{3,40}$/.test(value) && value.replace(/\D/g, '').length >= 3;
    case 'url':
      return /^https?:\/\/\S+$/i.test(value) && URL.canParse(value);
    case 'choice':
      return field.choices?.includes(value) ?? false;
    case 'file':
      return uuid.test(value);
  }
}

/** A day of the calendar, as 2026-02-28. */
function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

const words = { en: { yes: 'Yes', no: 'No' }, 'pt-BR': { yes: 'Sim', no: 'Não' } } as const;

/** The answers in words, a line each, in the order of the form; what was left out is not told. `nameOfFile` names uploads. */
export function sayAnswers(
  form: Form,
  values: FormValues,
  locale: keyof typeof words,
  nameOfFile: (id: string) => string | undefined,
): string {
  const lines = form.fields.flatMap((field) => {
    const value = Object.hasOwn(values, field.name) ? values[field.name]! : null;
    if (isEmpty(value)) return [];
    let said = String(value);
    if (typeof value === 'boolean') said = words[locale][value ? 'yes' : 'no'];
    else if (field.type === 'file') said = nameOfFile(said) ?? said;
    return [`${field.label}: ${said}`];
  });
  return lines.join('\n');
}
