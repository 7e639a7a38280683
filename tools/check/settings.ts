import type { Finding, Project } from './project.ts';
import { nodeAt, stringOf, walk } from './syntax.ts';

const reader = 'gb-cli/src/config.ts';
const page = 'README.md';

/** The README lists every setting the server reads, and none that it does not. */
export function checkSettings(project: Project): Finding[] {
  if (!project.files.has(reader)) return [];
  const read = new Map<string, number>();
  walk(project.program(reader), (node) => {
    if (node.type !== 'MemberExpression' || nodeAt(node, 'object')?.['name'] !== 'env') return;
    const name = stringOf(node['property']) ?? (nodeAt(node, 'property')?.['name'] as string | undefined);
    if (name !== undefined && !read.has(name)) read.set(name, project.lineAt(reader, node.start));
  });
  const listed = new Map<string, number>();
  project
    .text(page)
    .split('\n')
    .forEach((line, index) => {
      const name = /^\|\s*`([A-Z][A-Z0-9_]*)`\s*\|/.exec(line)?.[1];
      if (name !== undefined) listed.set(name, index + 1);
    });
  return [
    ...[...read]
      .filter(([name]) => !listed.has(name))
      .map(([name, line]) => ({ file: reader, line, text: `${name} is read here and not listed in ${page}.` })),
    ...[...listed]
      .filter(([name]) => !read.has(name))
      .map(([name, line]) => ({ file: page, line, text: `${name} is listed, and ${reader} does not read it.` })),
  ];
}
