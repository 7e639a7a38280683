/**
 * Whether lists and objects lie in one another further than so many levels. It looks no deeper than that itself, so it may
 * be asked about anything, before somebody walks it by recursion.
 */
export function isNestedDeeper(value: unknown, levelsMax: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levelsMax === 0) return true;
  const parts = Array.isArray(value) ? value : Object.values(value);
  return parts.some((part) => isNestedDeeper(part, levelsMax - 1));
}
