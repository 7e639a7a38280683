import { type Finding, type Project, resolveRelative } from './project.ts';

/**
 * Files that import each other in a ring load in an order nobody chose, and cannot be read or moved one by one. Imports of
 * types only do not count: they are gone when the program runs. Neither does `import()`, which runs after loading.
 */
export function checkCycles(project: Project): Finding[] {
  const graph = new Map<string, string[]>();
  for (const file of project.sources) {
    const targets = project.imports(file).filter((one) => one.specifier.startsWith('.') && !one.isType && !one.isDynamic);
    graph.set(
      file,
      targets.flatMap((one) => resolveRelative(project, file, one.specifier) ?? []),
    );
  }

  // Depth first; a file met again while it is still on the path closes a ring.
  const findings: Finding[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const reported = new Set<string>();
  const visit = (file: string): void => {
    const at = path.indexOf(file);
    if (at >= 0) {
      const ring = path.slice(at);
      const name = [...ring].sort().join(' ');
      if (!reported.has(name))
        findings.push({
          file: ring.at(-1)!,
          line: lineOfImport(project, ring.at(-1)!, file),
          text: `Imports in a ring: ${[...ring, file].join(' -> ')}.`,
        });
      reported.add(name);
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const target of graph.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return findings;
}

function lineOfImport(project: Project, from: string, to: string): number {
  const found = project
    .imports(from)
    .find((one) => one.specifier.startsWith('.') && resolveRelative(project, from, one.specifier) === to);
  return found === undefined ? 1 : project.lineAt(from, found.start);
}
