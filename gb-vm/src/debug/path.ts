/** A step into an object or a list. */
export type Step = { readonly name: string } | { readonly index: number };

const namePattern = /^[\p{L}_][\p{L}\p{N}_]*[$%]?/u;
const stepPattern = /^(?:\s*\.\s*([\p{L}_][\p{L}\p{N}_]*)|\s*[[(]\s*((?:\d{1,9}\s*,\s*)*(?:\d{1,9}|"(?:[^"]|"")*"))\s*[\])])/u;

/** `name`, `a.b`, `a[1]`, `a(1, 2)`, `a["key"].c`; null for anything that has to be computed. */
export function parsePath(text: string): readonly [name: string, ...steps: Step[]] | null {
  let rest = text.trim();
  const name = namePattern.exec(rest)?.[0];
  if (name === undefined) return null;
  rest = rest.slice(name.length);
  const steps: Step[] = [];
  while (rest !== '') {
    const [all, property, indices] = stepPattern.exec(rest) ?? [];
    if (all === undefined) return null;
    if (property !== undefined) steps.push({ name: property });
    else if (indices!.startsWith('"')) steps.push({ name: indices!.slice(1, -1).replaceAll('""', '"') });
    else
      steps.push(
        ...indices!
          .split(',')
          .map((part) => (part.trim().startsWith('"') ? { name: part.trim().slice(1, -1) } : { index: Number(part) })),
      );
    rest = rest.slice(all.length);
  }
  return [name, ...steps];
}

/** How an item or a property of something is named, so that `parsePath` finds it. */
export function pathTo(path: string, name: string): string {
  // A list of the old dialects is shown under its name with brackets.
  const within = path.endsWith('()') ? path.slice(0, -2) : path;
  if (/^\d{1,9}$/.test(name)) return `${within}[${name}]`;
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) ? `${within}.${name}` : `${within}["${name.replaceAll('"', '""')}"]`;
}
