import type { Attachment, Form, FormValue, Locale } from 'gb-protocol';

/** What stands in the fields: as typed, and for a file the upload. */
export type Entries = Readonly<Record<string, FormValue | Attachment>>;

export function entriesOf(form: Form): Entries {
  return Object.fromEntries(
    form.fields.map(({ name, type, initial }) => {
      if (type === 'boolean') return [name, initial !== undefined && /^(true|yes|sim|1)$/i.test(initial)];
      if (type === 'file') return [name, null];
      return [name, initial ?? ''];
    }),
  );
}

/** A number as people write it: "1.234,5" in Portuguese, "1,234.5" in English. What is no number stays as it is. */
export function readNumber(text: string, locale: Locale): number | string | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const [group, decimal] = locale === 'pt-BR' ? ['.', ','] : [',', '.'];
  const grouped = new RegExp(`^[+-]?\\d{1,3}(\\${group}\\d{3})+(\\${decimal}\\d+)?$`);
  const plain = grouped.test(trimmed) ? trimmed.replaceAll(group, '') : trimmed;
  // One sign of the other language is a decimal sign all the same: "2.5" is not 25.
  const number = plain.replace(',', '.').replace('−', '-');
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(number) ? Number(number) : trimmed;
}
