import { type Finding, isTestFile, type Project, roomOf } from './project.ts';
import { memberPath, nodeAt, nodesAt, walk } from './syntax.ts';

/** The one reader of the environment, and the rooms that are programs of their own. */
const readers = ['gb-cli/src/config.ts', 'gb-web/vite.config.ts', 'vitest.config.ts'];
const roomsOfTheirOwn = ['tools', 'bench', 'e2e'];

/**
 * A setting read where it is used cannot be listed, checked or tested. Everything that is configured by the environment
 * comes through gb-cli/src/config.ts as a parameter.
 */
export function checkEnvironment(project: Project): Finding[] {
  const findings: Finding[] = [];
  for (const file of project.sources) {
    if (readers.includes(file) || roomsOfTheirOwn.includes(roomOf(file)) || isTestFile(file)) continue;
    walk(project.program(file), (node) => {
      const isRead =
        /^(globalThis\.)?process\.env$/.test(node.type === 'MemberExpression' ? (memberPath(node) ?? '') : '') ||
        (node.type === 'VariableDeclarator' &&
          memberPath(nodeAt(node, 'init')) === 'process' &&
          nodesAt(nodeAt(node, 'id'), 'properties').some((one) => nodeAt(one, 'key')?.['name'] === 'env')) ||
        (node.type === 'ImportSpecifier' &&
          nodeAt(node, 'imported')?.['name'] === 'env' &&
          importsProcess(project, file, node.start));
      if (isRead)
        findings.push({
          file,
          line: project.lineAt(file, node.start),
          text: 'Only gb-cli/src/config.ts reads the environment; take the setting as a parameter.',
        });
    });
  }
  return findings;
}

function importsProcess(project: Project, file: string, at: number): boolean {
  return project
    .imports(file)
    .some(
      (one) =>
        /^(node:)?process$/.test(one.specifier) && one.start > at && !project.text(file).slice(at, one.start).includes(';'),
    );
}
