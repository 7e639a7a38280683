/**
 * As the database takes it: its JSON knows neither the sign of number zero nor half a surrogate pair, and a program may
 * build any text. A turn that could not be stored would run for ever.
 */
export function storableJson(value: unknown): string {
  const text = JSON.stringify(value);
  // Both are written as escapes, so a text without a backslash has neither.
  if (!text.includes('\\u')) return text;
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'string') return cleaned(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    const names = Object.keys(part);
    if (names.every((name) => cleaned(name) === name)) return part;
    return Object.fromEntries(Object.entries(part).map(([name, one]) => [cleaned(name), one]));
  });
}

function cleaned(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}
