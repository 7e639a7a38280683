/** A handle made from a name: "Ana Lúcia Prado" becomes `ana.lucia.prado`. Empty when nothing usable is left. */
export function handleFrom(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '.')
    .replace(/^\.+|\.+$/g, '')
    .slice(0, 30)
    .replace(/\.+$/, '');
}

export const handlePattern = /^[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9_-])?$/;

/** Words that mean something else after an @. */
const reserved = new Set(['channel', 'canal', 'everyone', 'todos', 'here', 'all', 'admin', 'system']);

/** The first of `base`, `base2`, `base3`, ... that nobody has. */
export function freeHandle(base: string, taken: readonly string[]): string {
  const start = base === '' ? 'user' : base;
  const set = new Set(taken);
  if (!set.has(start) && !reserved.has(start)) return start;
  for (let n = 2; ; n++) if (!set.has(`${start}${n}`)) return `${start}${n}`;
}

export function isReservedHandle(handle: string): boolean {
  return reserved.has(handle);
}
