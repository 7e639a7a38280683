/**
 * How a script is found: `Tools/Report`, `report.BAS` and `report` are all `report.bas`. Folders do not count, nor do
 * capital letters.
 */
export function scriptKey(name: string): string {
  const base = name
    .trim()
    .replace(/^.*[/\\]/, '')
    .toLowerCase();
  return base.endsWith('.bas') ? base : `${base}.bas`;
}
