/**
 * How a script is found: `Tools/Report`, `report.BAS` and `report` are all `report.bas`. Folders do not count, nor do
 * capital letters.
 */
export function scriptKey(name: string): string {
  const at = name.indexOf('#');
  if (at >= 0) return `${scriptKey(name.slice(0, at))}${name.slice(at)}`;
  const base = name
    .trim()
    .replace(/^.*[/\\]/, '')
    .toLowerCase();
  return base.endsWith('.bas') ? base : `${base}.bas`;
}

/** How a part of a script is found that begins by itself, between ON EVENT and END ON: `orders.bas#ON EVENT PAID 0`. */
export function entryKey({ script, procedure }: { readonly script: string; readonly procedure?: string | undefined }): string {
  return procedure === undefined ? script : `${script}#${procedure}`;
}
