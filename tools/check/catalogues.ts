import type { Finding, Project } from './project.ts';
import { type Node, nodeAt, nodesAt, stringOf, walk } from './syntax.ts';

/** The words of the application, and those that only the studio says. */
const catalogues = ['gb-web/src/i18n', 'gb-web/src/studio/words'].map((folder) => [`${folder}/en.ts`, `${folder}/pt-BR.ts`]);

interface Sentence {
  readonly line: number;
  readonly isEmpty: boolean;
  /** The names in braces, of all plural forms together. */
  readonly names: string;
}

/** Every language says everything, and leaves the same places open: `{name}` in one is `{name}` in the other. */
export function checkCatalogues(project: Project): Finding[] {
  return catalogues.flatMap((files) => checkCatalogue(project, files));
}

function checkCatalogue(project: Project, catalogues: readonly string[]): Finding[] {
  const present = catalogues.filter((file) => project.files.has(file));
  if (present.length === 0) return [];
  const read = new Map(
    catalogues.map((file) => [file, project.files.has(file) ? readCatalogue(project, file) : new Map<string, Sentence>()]),
  );
  const findings: Finding[] = [];
  for (const [file, sentences] of read) {
    if (sentences.size === 0) findings.push({ file, line: 1, text: 'No sentences were found here.' });
    for (const [key, { line, isEmpty, names }] of sentences) {
      if (isEmpty) findings.push({ file, line, text: `${key} is empty.` });
      for (const [other, others] of read) {
        if (other === file || others.size === 0) continue;
        const twin = others.get(key);
        if (twin === undefined) findings.push({ file: other, line: 1, text: `${key} is missing; ${file} has it.` });
        else if (twin.names !== names && file < other)
          findings.push({
            file: other,
            line: twin.line,
            text: `${key} leaves open ${twin.names || 'nothing'}, in ${file} ${names || 'nothing'}.`,
          });
      }
    }
  }
  return findings;
}

/** The entries of the object the file exports. Keys of objects within it are joined by dots, plural forms aside. */
function readCatalogue(project: Project, file: string): Map<string, Sentence> {
  const sentences = new Map<string, Sentence>();
  const readObject = (object: Node, prefix: string): void => {
    for (const property of nodesAt(object, 'properties')) {
      const keyNode = nodeAt(property, 'key');
      const key = `${prefix}${keyNode?.type === 'Identifier' ? keyNode['name'] : stringOf(keyNode)}`;
      const value = unwrap(nodeAt(property, 'value'));
      if (value === undefined) continue;
      const forms = nodesAt(value, 'properties').filter((one) => ['one', 'other'].includes(String(nodeAt(one, 'key')?.['name'])));
      if (value.type === 'ObjectExpression' && forms.length === 0) readObject(value, `${key}.`);
      else
        sentences.set(
          key,
          readSentence(project, file, property, forms.length > 0 ? forms.map((form) => unwrap(nodeAt(form, 'value'))) : [value]),
        );
    }
  };
  walk(project.program(file), (node, parent) => {
    if (node.type !== 'VariableDeclaration' || parent?.type !== 'ExportNamedDeclaration') return;
    for (const declarator of nodesAt(node, 'declarations')) {
      const value = unwrap(nodeAt(declarator, 'init'));
      if (value?.type === 'ObjectExpression') readObject(value, '');
    }
  });
  return sentences;
}

function readSentence(project: Project, file: string, property: Node, forms: readonly (Node | undefined)[]): Sentence {
  const texts = forms.map((form) => stringOf(form) ?? (form === undefined ? '' : project.text(file).slice(form.start, form.end)));
  const names = new Set(texts.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => `{${match[1]}}`)));
  return {
    line: project.lineAt(file, property.start),
    isEmpty: texts.some((text) => text.trim() === ''),
    names: [...names].sort().join(' '),
  };
}

/** `{...} as const` and `{...} satisfies Catalogue` are the object. */
function unwrap(node: Node | undefined): Node | undefined {
  return node?.type === 'TSAsExpression' || node?.type === 'TSSatisfiesExpression' ? unwrap(nodeAt(node, 'expression')) : node;
}
