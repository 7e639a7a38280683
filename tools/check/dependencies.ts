import { builtinModules } from 'node:module';
import { type Finding, isTestFile, type Manifest, type Project, packageOf } from './project.ts';
import { stringOf, walk } from './syntax.ts';

/** Root packages that are run or read rather than imported. */
const rootTools: Readonly<Record<string, string>> = {
  node: 'tools/run.mjs starts it',
  '@biomejs/biome': 'tools/check.ts starts it',
  typescript: 'tools/check.ts starts it',
  '@types/node': 'tsconfig.json names it',
};

/**
 * What a package imports stands in its package.json, and what stands there is used. A package of the root may be used by
 * tests and tools everywhere; everything else is each package's own, so that it could leave the house by itself.
 */
export function checkDependencies(project: Project): Finding[] {
  const manifests = project.manifests;
  const root = manifests.find((manifest) => manifest.dir === '');
  return manifests.flatMap((manifest) => [...checkManifest(project, manifest, root), ...checkExports(project, manifest)]);
}

function checkManifest(project: Project, manifest: Manifest, root: Manifest | undefined): Finding[] {
  const findings: Finding[] = [];
  const files = project.sources.filter((file) =>
    manifest.dir === '' ? !file.includes('/') : file.startsWith(`${manifest.dir}/`),
  );
  const production = { ...manifest.dependencies, ...manifest.optionalDependencies };
  const declared = { ...production, ...manifest.devDependencies };
  const used = new Set<string>();

  for (const file of files) {
    const isTest = isTestFile(file) || manifest.dir === 'tools' || manifest.dir === '';
    for (const { specifier, isType, start } of project.imports(file)) {
      if (/^[./#]|^node:|^virtual:/.test(specifier) || builtinModules.includes(specifier)) continue;
      const name = packageOf(specifier);
      used.add(name);
      if (name === manifest.name || name in production) continue;
      const types = `@types/${name.replace(/^@/, '').replace('/', '__')}`;
      if (
        name in declared
          ? isTest || isType
          : isTest && root !== undefined && (name in root.devDependencies || name in root.dependencies)
      )
        continue;
      if (isType && types in declared) continue;
      const why =
        name in declared
          ? `${name} is a development dependency, but this file runs in production`
          : `${name} is not declared in ${manifest.file}`;
      findings.push({ file, line: project.lineAt(file, start), text: `${why}.` });
    }
  }

  const mentioned = stringsOf(project, files, manifest);
  for (const name of Object.keys(declared)) {
    const typed = name.startsWith('@types/') ? name.slice('@types/'.length).replace(/^(.+)__/, '@$1/') : undefined;
    const isUsed =
      used.has(name) ||
      (typed !== undefined && used.has(typed)) ||
      (manifest.dir === '' && name in rootTools) ||
      isMentioned(name, mentioned);
    const isUsedElsewhere =
      manifest.dir === '' &&
      project.sources.some((file) => isTestFile(file) && project.imports(file).some((one) => packageOf(one.specifier) === name));
    if (!isUsed && !isUsedElsewhere)
      findings.push({
        file: manifest.file,
        line: project.lineOf(manifest.file, `"${name}"`),
        text: `${name} is declared and not used.`,
      });
  }
  return findings;
}

/** Text that may name a package without importing it: a binary found by its path, types named in a tsconfig. */
function stringsOf(project: Project, files: readonly string[], manifest: Manifest): ReadonlySet<string> {
  const strings = new Set<string>();
  for (const file of files) {
    walk(project.program(file), (node) => {
      const text = node.type === 'TemplateElement' ? (node['value'] as { cooked?: string }).cooked : stringOf(node);
      if (text) strings.add(text);
    });
  }
  const tsconfig = project.text(manifest.dir === '' ? 'tsconfig.json' : `${manifest.dir}/tsconfig.json`);
  for (const [, text = ''] of tsconfig.matchAll(/"([^"]+)"/g)) strings.add(text);
  return strings;
}

function isMentioned(name: string, strings: ReadonlySet<string>): boolean {
  const scope = name.startsWith('@') ? `${name.slice(0, name.indexOf('/'))}/` : undefined;
  return [...strings].some((text) => text === name || text.startsWith(`${name}/`) || (scope !== undefined && text === scope));
}

function checkExports(project: Project, manifest: Manifest): Finding[] {
  return Object.entries(manifest.exports)
    .filter(([, target]) => !project.files.has(`${manifest.dir === '' ? '' : `${manifest.dir}/`}${target.replace(/^\.\//, '')}`))
    .map(([door, target]) => ({
      file: manifest.file,
      line: project.lineOf(manifest.file, `"${target}"`),
      text: `The export ${door} leads to ${target}, which does not exist.`,
    }));
}
