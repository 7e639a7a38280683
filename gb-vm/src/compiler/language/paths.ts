import type { Expression, Member, ObjectLiteral, Statement } from '../ast.ts';

/**
 * What properties have been seen on which names, for completion after a dot. A path is a name with the properties that
 * lead to a value, `ORDER.CUSTOMER`; elements have the path of their list. Values that are copied, and lists that are
 * gone through, share what is known.
 */
export class PathTable {
  readonly #properties = new Map<string, Map<string, string>>();
  readonly #sameAs = new Map<string, Set<string>>();
  /** Tables whose rows a path may hold. */
  readonly #tables = new Map<string, Set<string>>();

  /** Properties of a value, and the names of tables whose columns are among them. */
  at(path: string): { readonly properties: readonly string[]; readonly tables: readonly string[] } {
    const seen = new Set([path]);
    for (const one of seen) {
      if (seen.size > sharedMax) break;
      for (const other of this.#sameAs.get(one) ?? []) seen.add(other);
      // What is known of `a` holds for `b.x` with `b` the same as `a`: only one dot back, which is what scripts have.
      const dot = one.lastIndexOf('.');
      if (dot > 0) for (const other of this.#sameAs.get(one.slice(0, dot)) ?? []) seen.add(other + one.slice(dot));
    }
    const properties = new Map<string, string>();
    const tables = new Set<string>();
    for (const one of seen) {
      for (const [upper, display] of this.#properties.get(one) ?? []) properties.set(upper, display);
      for (const table of this.#tables.get(one) ?? []) tables.add(table);
    }
    return { properties: [...properties.values()], tables: [...tables] };
  }

  see(node: Member): void {
    const path = pathOf(node.target);
    if (path !== null) this.#add(path, node.name);
  }

  learn(statement: Statement): void {
    switch (statement.kind) {
      case 'assign':
        return this.#given(pathOf(statement.target), statement.value);
      case 'dim':
        return statement.value ? this.#given(pathOf(statement.target), statement.value) : undefined;
      case 'forEach':
        return this.#given(pathOf(statement.variable), statement.list);
      case 'try':
        for (const name of ['message', 'code', 'line', 'number'])
          if (statement.variable) this.#add(statement.variable.name, name);
        return undefined;
      default:
        return undefined;
    }
  }

  #given(path: string | null, value: Expression): void {
    if (path === null) return;
    const from = pathOf(value);
    if (from !== null) this.#link(path, from);
    else if (value.kind === 'object') this.#object(path, value);
    else if (value.kind === 'array') for (const item of value.items.slice(0, itemsMax)) this.#given(path, item);
    else if (value.kind === 'operation') {
      const table = value.args.find(({ key }) => key === 'table')?.value;
      if (table?.kind === 'text') this.#addTo(this.#tables, path, table.value.toUpperCase());
    }
  }

  #object(path: string, node: ObjectLiteral): void {
    for (const { key, value } of node.entries) {
      if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(key)) continue;
      this.#add(path, key);
      this.#given(`${path}.${key.toUpperCase()}`, value);
    }
  }

  #add(path: string, name: string): void {
    const known = this.#properties.get(path);
    if (known) known.set(name.toUpperCase(), name);
    else this.#properties.set(path, new Map([[name.toUpperCase(), name]]));
  }

  #link(a: string, b: string): void {
    if (a === b) return;
    this.#addTo(this.#sameAs, a, b);
    this.#addTo(this.#sameAs, b, a);
  }

  #addTo(map: Map<string, Set<string>>, path: string, name: string): void {
    const known = map.get(path);
    if (known) known.add(name);
    else map.set(path, new Set([name]));
  }
}

/** Of a literal list this many items are looked at. */
const itemsMax = 20;
/** Values shared more widely than this say nothing any more. */
const sharedMax = 200;

/** null for values that are not reached by names. */
export function pathOf(node: Expression): string | null {
  if (node.kind === 'name') return node.call ? null : node.name;
  if (node.kind === 'member') {
    const path = pathOf(node.target);
    return path === null ? null : `${path}.${node.name.toUpperCase()}`;
  }
  return node.kind === 'apply' && node.bracket !== ' ' && !node.call ? pathOf(node.target) : null;
}
