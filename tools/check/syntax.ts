import { parseAst } from 'vitest/node';

/** A node of the syntax tree, in ESTree's words with TypeScript's additions. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export interface Import {
  readonly specifier: string;
  /** Gone after the types are stripped. (`import { type A } from` is not: Node still loads the module.) */
  readonly isType: boolean;
  /** `import(...)`, which loads later, if ever. */
  readonly isDynamic: boolean;
  readonly start: number;
}

/** Parses TypeScript, TSX or JavaScript; what does not parse is an error that names the file. */
export function readProgram(file: string, text: string): Node {
  try {
    return parseAst(text, { lang: /x$/.test(file) ? 'tsx' : 'ts' }) as unknown as Node;
  } catch (error) {
    throw new Error(`${file} does not parse`, { cause: error });
  }
}

/** Calls `visit` for every node, parents first. */
export function walk(node: Node, visit: (node: Node, parent: Node | undefined) => void, parent?: Node): void {
  visit(node, parent);
  for (const value of Object.values(node)) {
    if (isNode(value)) walk(value, visit, node);
    else if (Array.isArray(value)) for (const item of value) if (isNode(item)) walk(item, visit, node);
  }
}

/** Every way of importing another module: import, export from, import() and import types. */
export function readImports(program: Node): readonly Import[] {
  const imports: Import[] = [];
  const add = (source: unknown, isType: boolean, isDynamic: boolean) => {
    const specifier = stringOf(source);
    if (specifier !== undefined) imports.push({ specifier, isType, isDynamic, start: (source as Node).start });
  };
  walk(program, (node) => {
    if (node.type === 'ImportDeclaration') add(node['source'], node['importKind'] === 'type', false);
    if (node.type === 'ExportNamedDeclaration') add(node['source'], node['exportKind'] === 'type', false);
    if (node.type === 'ExportAllDeclaration') add(node['source'], node['exportKind'] === 'type', false);
    if (node.type === 'ImportExpression') add(node['source'], false, true);
    if (node.type === 'TSImportType') add(node['source'] ?? node['argument'], true, false);
  });
  return imports;
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

export function nodeAt(node: Node | undefined, field: string): Node | undefined {
  const value = node?.[field];
  return isNode(value) ? value : undefined;
}

export function nodesAt(node: Node | undefined, field: string): readonly Node[] {
  const value = node?.[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The text of a string literal, or of a template without holes. */
export function stringOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'Literal' && typeof node['value'] === 'string') return node['value'];
  if (node.type === 'TSLiteralType') return stringOf(node['literal']);
  if (node.type !== 'TemplateLiteral' || nodesAt(node, 'expressions').length > 0) return undefined;
  return (nodesAt(node, 'quasis')[0]?.['value'] as { cooked?: string } | undefined)?.cooked;
}

/** `a.b`, `a?.b` and `a['b']` as 'a.b'; anything longer likewise; undefined for what is not a plain path. */
export function memberPath(node: Node | undefined): string | undefined {
  if (node?.type === 'Identifier') return node['name'] as string;
  if (node?.type === 'ChainExpression' || node?.type === 'TSNonNullExpression') return memberPath(nodeAt(node, 'expression'));
  if (node?.type !== 'MemberExpression') return undefined;
  const object = memberPath(nodeAt(node, 'object'));
  const property =
    node['computed'] === true ? stringOf(node['property']) : (nodeAt(node, 'property')?.['name'] as string | undefined);
  return object === undefined || property === undefined ? undefined : `${object}.${property}`;
}
